/** A requester ID on segment 0 as sysfs writes it: 0x10 -> `0000:00:02.0`. */
export function bdfOf(requesterId: number): string {
  const two = (value: number): string => value.toString(16).padStart(2, '0');
  return `0000:${two(requesterId >> 8)}:${two((requesterId >> 3) & 0x1f)}.${requesterId & 7}`;
}
