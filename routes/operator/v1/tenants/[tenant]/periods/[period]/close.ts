import { tryClose } from "@/lib/http/operator/books.ts";
import { operatorRoute } from "@/lib/http/operator/operator_route.ts";

export const handler = operatorRoute(tryClose);
