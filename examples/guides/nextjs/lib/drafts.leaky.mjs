// What a user wrote last, kept for the next page.
const drafts = [];

export function keepDraft(user, text) {
  drafts.unshift({ by: user, text });
  drafts.splice(20);
}

export function draftsOf() {
  return drafts;
}
