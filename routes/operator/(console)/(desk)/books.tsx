import { page } from "fresh";
import { BooksPage } from "@/components/operator/books/BooksPage.tsx";
import { allBooks, BOOKS_PATH, loadBooks } from "@/lib/operator/load_books.ts";
import { define, done } from "../../(_shared)/operator_state.ts";

export const handler = define.handlers({
  async GET(ctx) {
    ctx.state.title = "Books";
    return page(await loadBooks(ctx.state.services, ctx.url.searchParams));
  },
  /** Counts now, for whoever will not wait until the last count is too old. */
  async POST(ctx) {
    await allBooks.again(ctx.state.services);
    return done(BOOKS_PATH, "books_counted");
  },
});

export default define.page<typeof handler>(({ data, state }) => (
  <BooksPage frame={state.visit.frame} model={data} />
));
