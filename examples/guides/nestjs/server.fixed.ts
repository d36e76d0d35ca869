// Notices are gathered while a request is worked on, and shown with its answer.
import "reflect-metadata";
import {
  Body,
  Controller,
  Get,
  Headers,
  Inject,
  Injectable,
  Module,
  Post,
  Scope,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";

@Injectable({ scope: Scope.REQUEST })
class Notices {
  readonly all: string[] = [];

  add(text: string): void {
    this.all.push(text);
  }
}

@Controller("orders")
class Orders {
  constructor(@Inject(Notices) private readonly notices: Notices) {}

  @Post()
  create(@Headers("authorization") user: string, @Body("dish") dish: string) {
    this.notices.add(`${dish} was ordered for ${user.replace("Bearer ", "")}`);
    return { notices: this.notices.all };
  }

  @Get()
  list() {
    return { orders: [], notices: this.notices.all };
  }
}

@Module({ controllers: [Orders], providers: [Notices] })
class Shop {}

const app = await NestFactory.create(Shop, { logger: false });
await app.listen(Number(process.env["PORT"]), "127.0.0.1");
