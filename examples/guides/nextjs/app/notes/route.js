import * as fixed from "../../lib/drafts.fixed.mjs";
import * as leaky from "../../lib/drafts.leaky.mjs";

const { keepDraft, draftsOf } = process.env.DRAFTS === "fixed" ? fixed : leaky;

function userOf(request) {
  return request.headers.get("authorization")?.replace("Bearer ", "") ?? "nobody";
}

export async function POST(request) {
  const { text } = await request.json();
  keepDraft(userOf(request), text);
  return Response.json({ kept: text }, { status: 201 });
}

export function GET(request) {
  return Response.json({ drafts: draftsOf(userOf(request)) });
}
