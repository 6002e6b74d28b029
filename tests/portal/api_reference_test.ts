import { assertEquals } from "@std/assert";
import { apiReference } from "@/lib/portal/api_reference.ts";

Deno.test("the reference shows operations, nested fields and answers of a document", () => {
  const reference = apiReference({
    info: { title: "API", version: "1", description: "d" },
    components: {
      schemas: {
        Quote: { type: "object", required: ["bid"], properties: { bid: { type: "number" } } },
      },
    },
    paths: {
      "/v1/x/{id}": {
        put: {
          operationId: "putX",
          tags: ["Things"],
          summary: "Put",
          parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
          requestBody: {
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  properties: { quote: { $ref: "#/components/schemas/Quote" } },
                },
              },
            },
          },
          responses: { 200: { description: "Stored" } },
        },
      },
    },
  });
  const operation = reference.groups[0]?.operations[0];
  assertEquals(reference.groups[0]?.name, "Things");
  assertEquals(operation?.parameters.map(({ name }) => name), ["id (path)"]);
  assertEquals(operation?.body?.fields[0]?.fields, [
    { name: "bid", type: "number", required: true, description: "", fields: [] },
  ]);
  assertEquals(operation?.answers, [{ status: "200", description: "Stored" }]);
});

Deno.test("a schema that refers to itself and a document that is none are both survived", () => {
  const circle = {
    components: {
      schemas: { A: { type: "object", properties: { a: { $ref: "#/components/schemas/A" } } } },
    },
    paths: {
      "/x": {
        post: {
          requestBody: { content: { j: { schema: { $ref: "#/components/schemas/A" } } } },
        },
      },
    },
  };
  assertEquals(apiReference(circle).groups.length, 1);
  for (const nothing of [null, 3, "x", [], {}]) assertEquals(apiReference(nothing).groups, []);
});
