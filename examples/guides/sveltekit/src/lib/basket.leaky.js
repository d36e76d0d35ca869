// In a browser a module is there once for one user; on a server it is there once for all.
export const basket = { items: [] };

export function basketOf() {
  return basket;
}
