/**
 * What differs between the machines that an init program runs on: the interpreter's machine code and the system call
 * numbers. Owns nothing of the program's layout (`assemble.ts`) or meaning (`app.ts`, `exec.ts` and the others).
 *
 * The code was assembled from the listing beside it; `code.test.ts` runs it on this machine.
 */

export const SYSCALLS = [
  "openat",
  "dup3",
  "close",
  "close_range",
  "read",
  "write",
  "mkdirat",
  "mount_setattr",
  "chdir",
  "fcntl",
  "ioctl",
  "fchown",
  "socket",
  "bind",
  "listen",
  "accept4",
  "connect",
  "sendmsg",
  "recvmsg",
  "recvfrom",
  "shutdown",
  "setsockopt",
  "clone",
  "setsid",
  "umask",
  "setgroups",
  "setresgid",
  "setresuid",
  "prctl",
  "rt_sigaction",
  "kill",
  "getpid",
  "ppoll",
  "wait4",
  "execve",
  "exit_group",
] as const;
export type Syscall = (typeof SYSCALLS)[number];

export interface Machine {
  /** LXD's name of the architecture. */
  readonly architecture: string;
  readonly elfMachine: number;
  /** Where the data segment begins: the largest page the machine may have, so that the segments share no page. */
  readonly dataOffset: number;
  readonly code: Buffer;
  readonly syscalls: Readonly<Record<Syscall, number>>;
}

const x86: Machine = {
  architecture: "x86_64",
  elfMachine: 62,
  dataOffset: 0x1000,
  syscalls: {
    openat: 257,
    dup3: 292,
    close: 3,
    close_range: 436,
    read: 0,
    write: 1,
    mkdirat: 258,
    mount_setattr: 442,
    chdir: 80,
    fcntl: 72,
    ioctl: 16,
    fchown: 93,
    socket: 41,
    bind: 49,
    listen: 50,
    accept4: 288,
    connect: 42,
    sendmsg: 46,
    recvmsg: 47,
    recvfrom: 45,
    shutdown: 48,
    setsockopt: 54,
    clone: 56,
    setsid: 112,
    umask: 95,
    setgroups: 116,
    setresgid: 119,
    setresuid: 117,
    prctl: 157,
    rt_sigaction: 13,
    kill: 62,
    getpid: 39,
    ppoll: 271,
    wait4: 61,
    execve: 59,
    exit_group: 231,
  },
  code: hex(`
    31db              xor ebx, ebx                 ; rbx: number of the step
    bd00104000        mov ebp, 0x401000            ; rbp: the data segment
    486bc368        next_step: imul rax, rbx, 104
    4c8d640520        lea r12, [rbp+rax+0x20]      ; r12: the step
    4d8b6c2438        mov r13, [r12+56]            ; r13: which arguments are indirect
    b905000000        mov ecx, 5
    498b44cc08      arg: mov rax, [r12+rcx*8+8]
    490fa3cd          bt r13, rcx
    7303              jnc direct
    488b00            mov rax, [rax]
    50              direct: push rax
    ffc9              dec ecx
    79ed              jns arg
    5f                pop rdi
    5e                pop rsi
    5a                pop rdx
    415a              pop r10
    4158              pop r8
    4159              pop r9
    498b0424          mov rax, [r12]
    0f05              syscall
    498b4c2440        mov rcx, [r12+64]            ; where the result goes
    4885c9            test rcx, rcx
    7403              jz no_result
    488901            mov [rcx], rax
    483d01f0ffff    no_result: cmp rax, -4095
    7317              jae error
    4885c0            test rax, rax
    750b              jnz success
    498b442460        mov rax, [r12+96]            ; onZero
    4883f8ff          cmp rax, -1
    7522              jne go
    498b442450      success: mov rax, [r12+80]   ; onSuccess
    eb1b              jmp go
    498b4c2448      error: mov rcx, [r12+72]     ; onError
    4883f9ff          cmp rcx, -1
    741e              je following                 ; an ignored error leaves no trace
    48f7d8            neg rax
    48894510          mov [rbp+0x10], rax          ; errno
    48895d18          mov [rbp+0x18], rbx          ; which step
    4889cb            mov rbx, rcx
    eb84              jmp next_step
    4883f8ff        go: cmp rax, -1
    7408              je following
    4889c3            mov rbx, rax
    e976ffffff        jmp next_step
    48ffc3          following: inc rbx
    e96effffff        jmp next_step`),
};

const arm: Machine = {
  architecture: "aarch64",
  elfMachine: 183,
  dataOffset: 0x10000,
  syscalls: {
    openat: 56,
    dup3: 24,
    close: 57,
    close_range: 436,
    read: 63,
    write: 64,
    mkdirat: 34,
    mount_setattr: 442,
    chdir: 49,
    fcntl: 25,
    ioctl: 29,
    fchown: 55,
    socket: 198,
    bind: 200,
    listen: 201,
    accept4: 242,
    connect: 203,
    sendmsg: 211,
    recvmsg: 212,
    recvfrom: 207,
    shutdown: 210,
    setsockopt: 208,
    clone: 220,
    setsid: 157,
    umask: 166,
    setgroups: 159,
    setresgid: 149,
    setresuid: 147,
    prctl: 167,
    rt_sigaction: 134,
    kill: 129,
    getpid: 172,
    ppoll: 73,
    wait4: 260,
    execve: 221,
    exit_group: 94,
  },
  code: words(`
    d2800013   mov x19, #0                ; x19: number of the step
    d2a00834   movz x20, #0x41, lsl #16   ; x20: the data segment
    d2800d09 next_step: mov x9, #104
    9b095275   madd x21, x19, x9, x20
    910082b5   add x21, x21, #0x20        ; x21: the step
    f9401eb6   ldr x22, [x21, #56]        ; x22: which arguments are indirect
    a94086a0   ldp x0, x1, [x21, #8]
    a9418ea2   ldp x2, x3, [x21, #24]
    a94296a4   ldp x4, x5, [x21, #40]
    36000056   tbz x22, #0, +8
    f9400000   ldr x0, [x0]
    36080056   tbz x22, #1, +8
    f9400021   ldr x1, [x1]
    36100056   tbz x22, #2, +8
    f9400042   ldr x2, [x2]
    36180056   tbz x22, #3, +8
    f9400063   ldr x3, [x3]
    36200056   tbz x22, #4, +8
    f9400084   ldr x4, [x4]
    36280056   tbz x22, #5, +8
    f94000a5   ldr x5, [x5]
    f94002a8   ldr x8, [x21]
    d4000001   svc #0
    f94022a9   ldr x9, [x21, #64]         ; where the result goes
    b4000049   cbz x9, +8
    f9000120   str x0, [x9]
    b13ffc1f   cmn x0, #4095
    540000e2   b.cs error
    b5000080   cbnz x0, success
    f94032a9   ldr x9, [x21, #96]         ; onZero
    b100053f   cmn x9, #1
    54000121   b.ne go
    f9402aa9 success: ldr x9, [x21, #80]  ; onSuccess
    14000007   b go
    f94026a9 error: ldr x9, [x21, #72]    ; onError
    b100053f   cmn x9, #1
    54000100   b.eq following             ; an ignored error leaves no trace
    cb0003e0   neg x0, x0
    f9000a80   str x0, [x20, #0x10]       ; errno
    f9000e93   str x19, [x20, #0x18]      ; which step
    b100053f go: cmn x9, #1
    54000060   b.eq following
    aa0903f3   mov x19, x9
    17ffffd7   b next_step
    91000673 following: add x19, x19, #1
    17ffffd5   b next_step`),
};

/** First column of each line: the instruction's bytes in memory order. */
function hex(listing: string): Buffer {
  return Buffer.from(firstColumn(listing).join(""), "hex");
}

/** First column of each line: the instruction as a 32-bit word, stored little endian. */
function words(listing: string): Buffer {
  return Buffer.from(Uint32Array.from(firstColumn(listing), (word) => Number.parseInt(word, 16)).buffer);
}

function firstColumn(listing: string): string[] {
  return listing
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/, 1)[0] ?? "");
}

export const MACHINES: readonly Machine[] = [x86, arm];

/** The machine with LXD's architecture name, or undefined where lxe has no code for it. */
export function machineFor(architecture: string): Machine | undefined {
  return MACHINES.find((machine) => machine.architecture === architecture);
}
