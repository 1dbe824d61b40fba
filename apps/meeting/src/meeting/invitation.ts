/** The link that lets in whoever opens it, with `token` for any number of guests. */
export function invitationLink(roomId: string | null, token: string): string {
  const fragment = new URLSearchParams({ ...(roomId === null ? {} : { room: roomId }), token });
  return `${location.origin}${location.pathname}#${fragment}`;
}

/** @returns whether it was copied: browsers refuse outside secure contexts, and without a gesture */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
