import { setTimeout as wait } from "node:timers/promises";
import { json } from "@sveltejs/kit";
import { getPrice } from "$lib/prices.remote.js";

export async function GET({ locals, url }) {
  if (locals.customer === undefined) return json("sign in first", { status: 401 });
  await wait(10 + 50 * Math.random());
  return json(await getPrice(url.searchParams.get("article")));
}
