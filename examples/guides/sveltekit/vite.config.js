import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// Source maps, so that a finding names the file that was written.
export default defineConfig({ plugins: [sveltekit()], build: { sourcemap: true } });
