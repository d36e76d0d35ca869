import { json } from "@sveltejs/kit";
import * as fixed from "$lib/basket.fixed.js";
import * as leaky from "$lib/basket.leaky.js";

const { basketOf } = process.env.BASKET === "fixed" ? fixed : leaky;

function userOf(request) {
  return request.headers.get("authorization")?.replace("Bearer ", "") ?? "nobody";
}

export async function POST({ request }) {
  const { item } = await request.json();
  const { items } = basketOf(userOf(request));
  items.unshift(item);
  items.splice(20);
  return json({ added: item }, { status: 201 });
}

export function GET({ request }) {
  return json(basketOf(userOf(request)));
}
