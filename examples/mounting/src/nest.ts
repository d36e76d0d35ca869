import "reflect-metadata";
import type { Server } from "node:http";
import { Body, Controller, Module, Post } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { type Mounted, urlOf } from "./mounted.ts";
import { createTeamRuntime, PREFIX } from "./team-runtime.ts";

class TeamController {
  greet({ name }: { readonly name: string }): { readonly hello: string } {
    return { hello: name };
  }
}

class TeamModule {}

/** NestJS on Express: `app.use` before `listen` comes before its body parsers. */
export async function startNest(port: number): Promise<Mounted> {
  const runtime = createTeamRuntime();
  decorate();
  const app = await NestFactory.create(TeamModule, { logger: false, abortOnError: false });
  app.use(PREFIX, runtime.requestListener);
  const server = app.getHttpServer() as Server;
  server.on("upgrade", runtime.upgradeHandler);
  await app.listen(port, "127.0.0.1");
  return {
    url: urlOf(server),
    close: async () => {
      await runtime.close();
      await app.close();
    },
  };
}

/** Nest's decorators as the functions that they are: this repository compiles without `experimentalDecorators`. */
function decorate(): void {
  const { prototype } = TeamController;
  const greet = Object.getOwnPropertyDescriptor(prototype, "greet") as PropertyDescriptor;
  Body()(prototype, "greet", 0);
  Post("greet")(prototype, "greet", greet);
  Controller("team")(TeamController);
  Module({ controllers: [TeamController] })(TeamModule);
}
