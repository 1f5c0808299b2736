/** Names of instances: what LXD takes, and what it makes up. */
import { instanceNameMax } from "../../limits.ts";
import { randomInteger } from "../../platform/seeded.ts";
import type { Random } from "../../platform/types.ts";
import { badRequest } from "../errors.ts";

function reasonAgainst(name: string): string | undefined {
  if (name.length < 1 || name.length > instanceNameMax) return `Name must be 1-${instanceNameMax} characters long`;
  if (/^\d/.test(name)) return "Name must not start with a number";
  if (name.startsWith("-")) return 'Name must not start with "-" character';
  if (name.endsWith("-")) return 'Name must not end with "-" character';
  return /^[A-Za-z0-9-]+$/.test(name) ? undefined : "Name can only contain alphanumeric and hyphen characters";
}

export function checkInstanceName(name: string): void {
  const reason = reasonAgainst(name);
  if (reason !== undefined) throw badRequest(`Invalid instance name: ${reason}`);
}

const qualities =
  "able brave calm dear eager fair gentle happy ideal jolly keen lucky merry noble proud quick ready sharp tidy wise".split(
    " ",
  );
const animals =
  "ant bear crow deer eel fox goat hare ibis jay kite lark mole newt owl pony quail robin seal toad vole wren yak".split(
    " ",
  );

/** For a request without a name. */
export function inventName(random: Random, isTaken: (name: string) => boolean): string {
  for (;;) {
    const name = `${qualities[randomInteger(random, qualities.length)]}-${animals[randomInteger(random, animals.length)]}`;
    if (!isTaken(name)) return name;
  }
}
