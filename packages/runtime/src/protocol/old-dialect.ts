type Fields = Readonly<Record<string, unknown>>;

/** Every type that all clients from 0.0.50 to 0.0.59 know; any other ends the run for them. */
const OLD_TYPES: RegExp = new RegExp(
  `^(?:${[
    "RUN_(?:STARTED|FINISHED|ERROR)",
    "STEP_(?:STARTED|FINISHED)",
    "TEXT_MESSAGE_(?:START|CONTENT|END|CHUNK)",
    "TOOL_CALL_(?:START|ARGS|END|CHUNK|RESULT)",
    "STATE_(?:SNAPSHOT|DELTA)",
    "MESSAGES_SNAPSHOT",
    "ACTIVITY_(?:SNAPSHOT|DELTA)",
    "REASONING_(?:START|END|ENCRYPTED_VALUE)",
    "REASONING_MESSAGE_(?:START|CONTENT|END|CHUNK)",
    "THINKING_(?:START|END)",
    "THINKING_TEXT_MESSAGE_(?:START|CONTENT|END)",
    "RAW",
    "CUSTOM",
  ].join("|")})$`,
);

/**
 * Answers the frame of a 1.0 event as a client from before 1.0 can take it. What such a client does
 * not know becomes a CUSTOM event with the type as its name and the event as its value.
 */
export function withoutNews(frame: string): string {
  const event = JSON.parse(frame) as Fields;
  const old = oldEvent(event);
  return old === event ? frame : JSON.stringify(old);
}

function oldEvent(event: Fields): Fields {
  switch (event["type"]) {
    case "RUN_STARTED":
      return without(event, "protocolVersion");
    case "RUN_FINISHED":
      return oldEnd(event);
    case "TOOL_CALL_RESULT":
      return { ...event, content: asText(event["content"]) };
    case "MESSAGES_SNAPSHOT":
      return { ...event, messages: mapList(event["messages"], oldMessage) };
    default:
      return OLD_TYPES.test(String(event["type"])) ? event : asCustom(event);
  }
}

/** There was no `cancelled`: a run that was cut short must not look as if it had come to its end. */
function oldEnd(event: Fields): Fields {
  const { metadata } = event;
  const { type, interrupts } = fieldsOf(event["outcome"]);
  switch (type) {
    case "cancelled": {
      const message = "The run was cancelled.";
      return { type: "RUN_ERROR", message, code: "CANCELLED", metadata };
    }
    case "interrupt":
      return { ...event, outcome: { type, interrupts } };
    case "success":
      return { ...event, outcome: { type } };
    default:
      return without(event, "outcome");
  }
}

function asCustom(event: Fields): Fields {
  const { type, metadata, ...value } = event;
  return { type: "CUSTOM", name: type, value, metadata };
}

function oldMessage(message: unknown): unknown {
  const fields = fieldsOf(message);
  if (fields["role"] === "tool") return { ...fields, content: asText(fields["content"]) };
  return { ...fields, content: mapList(fields["content"], oldPart) };
}

/** Media had to be data or a URL; what is neither went as `binary`, by its id. */
function oldPart(part: unknown): unknown {
  const { type, value, mimeType = "application/octet-stream" } = fieldsOf(fieldsOf(part)["source"]);
  return type === "file" ? { type: "binary", mimeType, id: value } : part;
}

/** The content of tools had to be a text. */
function asText(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((part) => fieldsOf(part)["text"]);
  const areAllTexts = texts.every((text) => typeof text === "string");
  return areAllTexts ? texts.join("") : JSON.stringify(content);
}

/**
 * Answers what a client from before 1.0 sent as 1.0 has it: no `null` for something left out, no
 * `binary` part. What can't be helped stays, for the schema to refuse.
 */
export function modernInput(input: unknown): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  const fields = fieldsOf(withoutNull(input, "forwardedProps"));
  return {
    ...fields,
    ...mapField(fields, "tools", (tool) => withoutNull(tool, "parameters")),
    ...mapField(fields, "resume", (entry) => withoutNull(entry, "payload")),
    ...mapField(fields, "messages", (message) => {
      const parts = mapField(fieldsOf(message), "content", modernPart);
      return Object.keys(parts).length === 0 ? message : { ...fieldsOf(message), ...parts };
    }),
  };
}

function modernPart(part: unknown): unknown {
  const { type, mimeType, data, url, id, filename } = fieldsOf(part);
  if (type !== "binary" || typeof mimeType !== "string") return withoutNull(part, "metadata");
  const [kind = ""] = mimeType.split("/");
  const about = filename === undefined ? {} : { metadata: { filename } };
  const [from, value] =
    data !== undefined ? ["data", data] : url !== undefined ? ["url", url] : ["file", id];
  const media = ["image", "audio", "video"].includes(kind) ? kind : "document";
  return { type: media, source: { type: from, value, mimeType }, ...about };
}

function mapField(fields: Fields, name: string, map: (entry: unknown) => unknown): Fields {
  return Array.isArray(fields[name]) ? { [name]: fields[name].map((entry) => map(entry)) } : {};
}

function mapList(value: unknown, map: (entry: unknown) => unknown): unknown {
  return Array.isArray(value) ? value.map((entry) => map(entry)) : value;
}

function withoutNull(value: unknown, name: string): unknown {
  return fieldsOf(value)[name] === null ? without(fieldsOf(value), name) : value;
}

function without(fields: Fields, name: string): Fields {
  const { [name]: _left, ...rest } = fields;
  return rest;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
