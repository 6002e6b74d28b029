import type {
  ApiReference,
  ReferenceOperation,
  SchemaField,
} from "@/components/docs/ApiReferencePage.tsx";

type Json = Readonly<Record<string, unknown>>;

const VERBS = ["get", "post", "put", "patch", "delete"] as const;
/** Deeper nesting is told by name alone. */
const DEPTH_MAX = 5;

/** What the reference page shows of an OpenAPI 3.1 document; unknown parts are left out. */
export function apiReference(document: unknown): ApiReference {
  const root = objectOf(document);
  const info = objectOf(root["info"]);
  const groups = new Map<string, ReferenceOperation[]>();
  for (const [path, item] of Object.entries(objectOf(root["paths"]))) {
    for (const verb of VERBS) {
      const operation = objectOf(item)[verb];
      if (operation === undefined) continue;
      const read = readOperation(root, { path, verb, operation: objectOf(operation) });
      const tag = textOf(listOf(objectOf(operation)["tags"])[0]) || "Other";
      groups.set(tag, [...groups.get(tag) ?? [], read]);
    }
  }
  return {
    title: textOf(info["title"]),
    version: textOf(info["version"]),
    description: textOf(info["description"]),
    groups: [...groups].map(([name, operations]) => ({ name, operations })),
  };
}

function readOperation(
  root: Json,
  { path, verb, operation }: { path: string; verb: string; operation: Json },
): ReferenceOperation {
  const body = objectOf(resolve(root, operation["requestBody"]));
  const [type, media] = Object.entries(objectOf(body["content"]))[0] ?? [null, null];
  return {
    id: textOf(operation["operationId"]) || `${verb}-${path}`,
    verb,
    path,
    summary: textOf(operation["summary"]),
    description: textOf(operation["description"]),
    parameters: listOf(operation["parameters"]).map((one) => {
      const parameter = objectOf(resolve(root, one));
      const schema = objectOf(resolve(root, parameter["schema"]));
      return {
        name: `${textOf(parameter["name"])} (${textOf(parameter["in"])})`,
        type: typeWords(root, schema),
        required: parameter["required"] === true,
        description: textOf(parameter["description"]),
        fields: [],
      };
    }),
    body: type === null
      ? null
      : { type, fields: fieldsOf(root, objectOf(media)["schema"], DEPTH_MAX) },
    answers: Object.entries(objectOf(operation["responses"])).map(([status, answer]) => ({
      status,
      description: textOf(objectOf(resolve(root, answer))["description"]),
    })),
  };
}

function fieldsOf(root: Json, value: unknown, depth: number): readonly SchemaField[] {
  const schema = objectOf(resolve(root, value));
  if (depth === 0) return [];
  if (schema["type"] === "array") return fieldsOf(root, schema["items"], depth);
  const required = listOf(schema["required"]);
  return Object.entries(objectOf(schema["properties"])).map(([name, member]) => {
    const shape = objectOf(resolve(root, member));
    return {
      name,
      type: typeWords(root, shape),
      required: required.includes(name),
      description: textOf(shape["description"]),
      fields: fieldsOf(root, innerOf(shape), depth - 1),
    };
  });
}

/** The object inside of lists and choices, if there is one. */
function innerOf(schema: Json): unknown {
  const choices = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
  return choices.find((choice) => objectOf(choice)["properties"] !== undefined) ?? schema;
}

function typeWords(root: Json, schema: Json): string {
  const choices = [...listOf(schema["anyOf"]), ...listOf(schema["oneOf"])];
  if (choices.length > 0) {
    const words = choices.map((choice) => typeWords(root, objectOf(resolve(root, choice))));
    return [...new Set(words)].join(" or ");
  }
  if (Array.isArray(schema["enum"])) return schema["enum"].map(String).join(" | ");
  if (schema["const"] !== undefined) return JSON.stringify(schema["const"]);
  if (schema["type"] === "array") {
    return `list of ${typeWords(root, objectOf(resolve(root, schema["items"])))}`;
  }
  const type = Array.isArray(schema["type"])
    ? schema["type"].map(String).join(" or ")
    : textOf(schema["type"]) || "any";
  const format = textOf(schema["format"]);
  return [format === "" ? type : `${type} (${format})`, boundsWords(schema)].filter(Boolean)
    .join(", ");
}

function boundsWords(schema: Json): string {
  const bound = (name: string) => {
    const value = schema[name];
    return typeof value === "number" && Math.abs(value) < 1e15 ? value : null;
  };
  const [low, high] = [bound("minimum"), bound("maximum")];
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `from ${low}`;
  return high === null ? "" : `up to ${high}`;
}

/** Follows local references; a few steps, so that a circle ends. */
function resolve(root: Json, value: unknown): unknown {
  let current = value;
  for (let step = 0; step < 5; step++) {
    const reference = objectOf(current)["$ref"];
    if (typeof reference !== "string" || !reference.startsWith("#/")) return current;
    current = reference.slice(2).split("/").reduce<unknown>(
      (node, part) => objectOf(node)[part],
      root,
    );
  }
  return current;
}

function objectOf(value: unknown): Json {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
