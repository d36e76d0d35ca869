import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node server.mjs", ready: "/healthz" },
  users: 12,
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const headers = { "x-basket": user.canary("basket"), "x-voucher": user.canary("voucher") };
    const quote = await user.fetch("/quote", { headers });
    await user.expectOwn(quote, "basket");
  },
});
