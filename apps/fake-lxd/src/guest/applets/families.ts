/** Which applets there are. */
import { cat } from "./cat.ts";
import { echo } from "./echo.ts";
import { init } from "./init.ts";
import type { Applet } from "./lib/applet.ts";
import { printf } from "./printf.ts";
import { sh } from "./sh.ts";
import * as simple from "./simple.ts";
import { bracket, doubleBracket, test } from "./test.ts";

export const families: Record<string, Applet> = {
  sh,
  ash: sh,
  bash: sh,
  dash: sh,
  init,
  cat,
  echo,
  printf,
  test,
  "[": bracket,
  "[[": doubleBracket,
  true: simple.trueApplet,
  false: simple.falseApplet,
  sleep: simple.sleep,
  usleep: simple.usleep,
  yes: simple.yes,
  seq: simple.seq,
  basename: simple.basename,
  dirname: simple.dirname,
  pwd: simple.pwd,
  clear: simple.clear,
  sync: simple.sync,
  nproc: simple.nproc,
  tty: simple.tty,
};
