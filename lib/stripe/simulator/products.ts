import { z } from "zod";
import { mergeMetadata } from "./customers.ts";
import type { ProductDoc } from "./documents.ts";
import { type Endpoint, endpoint, idOf, type Reply } from "./endpoint.ts";
import { emitSnapshot } from "./events.ts";
import { listPage, newestFirst } from "./list.ts";
import { boolean, expand, metadata, page, requiredText, text } from "./params.ts";
import { noSuch, StripeRefusal } from "./refusal.ts";
import { seconds } from "./time.ts";

const fields = {
  active: boolean().optional(),
  description: text(5000).optional(),
  unit_label: text(12).optional(),
  metadata: metadata().optional(),
  expand: expand(),
};

export const productEndpoints: readonly Endpoint[] = [
  endpoint(
    "POST /v1/products",
    z.strictObject({ ...fields, id: text(5000).optional(), name: requiredText(5000) }),
    (call, params) => {
      const id = params.id ?? call.tx.nextId("prod");
      if (call.tx.get("products", id) !== undefined) {
        throw new StripeRefusal(`Product already exists.`, {
          code: "resource_already_exists",
          param: "id",
        });
      }
      const product: ProductDoc = {
        id,
        created: seconds(call.tx.nowMs),
        name: params.name,
        description: params.description ?? null,
        active: params.active ?? true,
        unitLabel: params.unit_label ?? null,
        metadata: params.metadata ?? {},
      };
      call.tx.put("products", id, product);
      emitSnapshot(call, "product.created", renderProduct(product));
      return renderProduct(product);
    },
  ),
  endpoint(
    "GET /v1/products",
    z.strictObject({
      ...page,
      active: boolean().optional(),
      ids: z.array(z.string()).optional(),
    }),
    ({ tx }, params) => {
      const wanted = newestFirst(tx.all("products")).filter((product) =>
        (params.active === undefined || product.active === params.active) &&
        (params.ids === undefined || params.ids.includes(product.id))
      );
      return listPage(wanted, { params, url: "/v1/products", render: renderProduct });
    },
  ),
  endpoint("GET /v1/products/:id", z.strictObject({ expand: expand() }), (call) => {
    return renderProduct(existing(call.tx.get("products", idOf(call)), idOf(call)));
  }),
  endpoint(
    "POST /v1/products/:id",
    z.strictObject({ ...fields, name: text(5000).optional() }),
    (call, params) => {
      const before = existing(call.tx.get("products", idOf(call)), idOf(call));
      const product: ProductDoc = {
        ...before,
        name: params.name ?? before.name,
        description: params.description ?? before.description,
        active: params.active ?? before.active,
        unitLabel: params.unit_label ?? before.unitLabel,
        metadata: mergeMetadata(before.metadata, params.metadata),
      };
      call.tx.put("products", product.id, product);
      emitSnapshot(call, "product.updated", renderProduct(product));
      return renderProduct(product);
    },
  ),
];

function existing(product: ProductDoc | undefined, id: string): ProductDoc {
  if (product === undefined) throw noSuch("product", id);
  return product;
}

function renderProduct(product: ProductDoc): Reply {
  return {
    id: product.id,
    object: "product",
    active: product.active,
    created: product.created,
    default_price: null,
    description: product.description,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: product.metadata,
    name: product.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    unit_label: product.unitLabel,
    updated: product.created,
    url: null,
  };
}
