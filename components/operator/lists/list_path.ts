export const LISTS_PATH = "/operator/lists";
export const LIST_FORM_PATH = `${LISTS_PATH}/load`;
export const LIST_CRUMBS = [{ href: LISTS_PATH, label: "Prices and lists" }];

export function listLoadPath(loadId: string): string {
  return `${LISTS_PATH}/loads/${encodeURIComponent(loadId)}`;
}

export function listFormPath(listId: string): string {
  return `${LIST_FORM_PATH}?${new URLSearchParams({ list: listId })}`;
}
