/**
 * One holder at a time among all tests of this machine, for what exists once: released when it is
 * disposed of, or when its process ends.
 */
export async function turn(name: string): Promise<Disposable> {
  const file = await Deno.open(`${Deno.env.get("TMPDIR") ?? "/tmp"}/clawmeter_turn_${name}`, {
    create: true,
    write: true,
  });
  await file.lock(true);
  return file;
}
