// Not typed on purpose: the command line has to notice by itself.
export default {
  target: { command: "node ../echo/server.js", redy: "/healthz" },
  async scenario() {},
};
