// Starts a helper, prints a line, and never listens.
import { spawn } from "node:child_process";

spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
console.log("warming up");
