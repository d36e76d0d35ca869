// Two processes behind one port: neither of them knows all users.
import cluster from "node:cluster";

if (cluster.isPrimary) for (let worker = 0; worker < 2; worker += 1) cluster.fork();
else await import("../chatty-agents/server.js");
