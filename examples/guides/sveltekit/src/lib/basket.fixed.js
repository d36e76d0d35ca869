const baskets = new Map();

export function basketOf(user) {
  const known = baskets.get(user) ?? { items: [] };
  baskets.set(user, known);
  return known;
}
