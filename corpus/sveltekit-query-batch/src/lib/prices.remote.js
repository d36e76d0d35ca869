import { getRequestEvent, query } from "$app/server";

/** Asks for the prices of all articles of a page at once; what is agreed with a customer counts. */
export const getPrice = query.batch("unchecked", async () => {
  const { locals } = getRequestEvent();
  return (article) => ({ article, price: 80, agreedWith: locals.customer });
});
