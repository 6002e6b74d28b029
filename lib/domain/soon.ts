/**
 * Goes on with what is there already, or later with what has to be waited for. Waiting for what is
 * there costs a turn of the queue and half a kilobyte each time, and most calls find all they need in
 * memory.
 */
export function soon<Found, Next>(
  found: Found | Promise<Found>,
  next: (found: Found) => Next | Promise<Next>,
): Next | Promise<Next> {
  return found instanceof Promise ? found.then(next) : next(found);
}
