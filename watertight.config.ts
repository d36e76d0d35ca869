// `npx watertight check` in this repository checks the isolated back end.
export { default } from "./examples/isolated-backend/watertight.config.ts";
