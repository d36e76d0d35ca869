import { defineConfig } from "watertight";

export default defineConfig({
  target: { command: "node build", ready: "/basket" },
  signIn: (user) => ({ headers: { authorization: `Bearer ${user.id}` } }),
  async scenario(user) {
    const item = user.canary("item");
    const added = await user.fetch("/basket", { method: "POST", json: { item } });
    await user.expectOwn(added, "item");
    await user.fetch("/basket");
  },
});
