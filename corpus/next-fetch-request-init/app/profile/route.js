export const dynamic = "force-dynamic";

/** The profile as the members' service tells it to whoever signs in there. */
export async function GET(request) {
  const authorization = request.headers.get("authorization");
  if (authorization === null) return new Response("sign in first", { status: 401 });
  const question = new Request(`${process.env.MEMBERS_API}/profile`);
  const profile = await fetch(question, { headers: { authorization }, next: { revalidate: 60 } });
  return Response.json(await profile.json());
}
