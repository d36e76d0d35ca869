import type { Mutant } from "../mutant.ts";

export const oneRegistryForATenant: Mutant = {
  name: "one registry for a tenant",
  breaks: "All users of a tenant share the registry that was made for whoever came first.",
  killedBy: "3.3",
  as: "shared-instance",
  changes: [
    {
      file: "execution/agent-execution-registry.ts",
      find: "    checkOwner(this.user, checkRequest(request).user);",
      replace: "    checkRequest(request);",
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: `import { checkOwner, type UserContext } from "../context/user-context.ts";`,
      replace: `import type { UserContext } from "../context/user-context.ts";`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "    this.#isDisposed = true;\n",
      replace: "",
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "/** An agent and the name that it goes by. */",
      replace: `const registries = new Map<string, AgentExecutionRegistry>();
const sinks = new Map<string, AgentExecutionRegistryOptions["sink"]>();

/** An agent and the name that it goes by. */`,
    },
    {
      file: "execution/agent-execution-registry.ts",
      find: "  return new AgentExecutionRegistry(user, resolved, turns);",
      replace: `  sinks.set(user.key, options.sink);
  const sink: AgentExecutionRegistryOptions["sink"] = {
    begin: (run, name) => sinks.get(run.user.key)?.begin(run, name),
    event: (run, event) => sinks.get(run.user.key)?.event(run, event),
    end: (run, name, outcome) => sinks.get(run.user.key)?.end(run, name, outcome),
  };
  const shared =
    registries.get(user.tenantId) ?? new AgentExecutionRegistry(user, { ...resolved, sink }, turns);
  registries.set(user.tenantId, shared);
  return shared;`,
    },
  ],
};
