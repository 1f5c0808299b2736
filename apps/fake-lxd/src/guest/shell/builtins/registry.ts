/** The commands that a shell runs itself. `exec` is the evaluator's. */
import { runApplet, type Applet } from "../../applets/lib/applet.ts";
import { echo } from "../../applets/echo.ts";
import { printf } from "../../applets/printf.ts";
import { bracket, doubleBracket, test } from "../../applets/test.ts";
import type { Builtin } from "../shell.ts";
import { command, hash, type } from "./commands.ts";
import { breakLoop, continueLoop, dot, evalText, exit, returnFrom, shift } from "./control.ts";
import { cd, pwd } from "./directory.ts";
import { getopts } from "./getopts.ts";
import { bg, fg, jobs, kill, wait } from "./jobs.ts";
import { times, ulimit, umask } from "./process.ts";
import { read } from "./read.ts";
import { set } from "./set.ts";
import { trap } from "./trap.ts";
import { alias, exportVariables, letBuiltin, local, readonlyVariables, unalias, unset } from "./variables.ts";

function fromApplet(applet: Applet): Builtin {
  return (shell, args) => runApplet(shell.process, applet, "sh", args);
}

const always =
  (status: number): Builtin =>
  async () =>
    status;

export const builtins: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({
    ":": always(0),
    true: always(0),
    false: always(1),
    ".": dot,
    source: dot,
    eval: evalText,
    exit,
    return: returnFrom,
    break: breakLoop,
    continue: continueLoop,
    shift,
    cd,
    chdir: cd,
    pwd,
    echo: fromApplet(echo),
    printf: fromApplet(printf),
    test: fromApplet(test),
    "[": fromApplet(bracket),
    "[[": fromApplet(doubleBracket),
    export: exportVariables,
    readonly: readonlyVariables,
    local,
    unset,
    set,
    let: letBuiltin,
    alias,
    unalias,
    getopts,
    read,
    trap,
    wait,
    jobs,
    kill,
    fg,
    bg,
    umask,
    ulimit,
    times,
    type,
    command,
    hash,
  }),
);
