export function handle({ event, resolve }) {
  event.locals.customer = event.request.headers.get("authorization")?.replace(/^Bearer /, "");
  return resolve(event);
}
