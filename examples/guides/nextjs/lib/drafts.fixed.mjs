// What a user wrote last, kept for the next page.
const draftsByUser = new Map();

export function keepDraft(user, text) {
  draftsByUser.set(user, [{ by: user, text }, ...draftsOf(user)].slice(0, 20));
}

export function draftsOf(user) {
  return draftsByUser.get(user) ?? [];
}
