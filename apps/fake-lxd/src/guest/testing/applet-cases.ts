/** What applets do: text, stdout, exit code, stderr. */
import type { ShellCase } from "./shell-case.ts";

export const appletCases: readonly ShellCase[] = [
  ["true && echo yes || echo no; false && echo yes || echo no", "yes\nno\n"],
  ["echo a | cat | cat | tr a b", "b\n"],
  ["echo x > f; cat f; echo y >> f; cat f; cat < f; wc -l < f", "x\nx\ny\nx\ny\n2\n"],
  ["echo a > f; echo b > f; cat f; : > f; wc -c < f", "b\n0\n"],
  ["cat <<E | tr a-z A-Z\npiped\nE", "PIPED\n"],
  [
    "touch f; [ -f f ] && echo f; [ -e nof ] || echo noe; [ -d . ] && echo d; [ -s f ] || echo s; [ -r f ] && echo r; mkdir dd; [ -d dd ] && echo dd",
    "f\nnoe\nd\ns\nr\ndd\n",
  ],
  ["set -e; false || true; if false; then :; fi; ! true; echo yes", "yes\n"],
  ['touch a1 a2 b1; echo a* [ab]1 ?2 *z "*"; echo a[!1]', "a1 a2 a1 b1 a2 *z *\na2\n"],
  ["mkdir d e; touch d/x d/y e/x; echo */x d/* */; echo ./d/*", "d/x e/x d/x d/y d/ e/\n./d/x ./d/y\n"],
  ["touch .h v; echo * .h*", "v .h\n"],
  ["touch 'a b' c; for i in *; do echo \"<$i>\"; done", "<a b>\n<c>\n"],
  ["x='a*'; touch aa ab; echo $x \"$x\"", "aa ab a*\n"],
  ["printf '#!/bin/sh\\necho run $0 $1\\n' > s; chmod +x s; ./s x", "run ./s x\n"],
  [
    "echo 'echo noshebang' > s; chmod +x s; ./s; chmod -x s; ./s; echo $?",
    "noshebang\n126\n",
    0,
    "sh: ./s: Permission denied\n",
  ],
  ["mkdir -p a/b; cd a/b; cd ..; basename $(pwd); cd ..; ls", "a\na\n"],
  ['mkdir r; ln -s r s; cd s; basename "$(pwd)"; basename "$(pwd -P)"', "s\nr\n"],
  ["umask; umask 077; touch f; stat -c %a f; umask", "0022\n600\n0077\n"],
  ['echo "${-}" | grep -c x', "0\n", 1],
  ['echo ~ | grep -c /; HOME=/h; echo ~ ~/x "~" a~', "1\n/h /h/x ~ a~\n"],
  ["x=~; echo $x | cut -c1; HOME=/q; y=~/z; echo $y", "/\n/q/z\n"],
  ['for i in $(seq 3); do echo -n "$i "; done; echo', "1 2 3 \n"],
  [
    "echo abc | grep b; echo abc | grep -q z; echo $?; echo abc | grep -c b; echo abc | grep -v b; echo $?",
    "abc\n1\n1\n1\n",
  ],
  [
    "printf 'a\\nb\\nab\\n' | grep -n a; printf 'a\\nB\\n' | grep -i b; printf 'a.b\\naxb\\n' | grep -F a.b; printf 'aa\\nab\\n' | grep -E 'a+b|^aa$'",
    "1:a\n3:ab\nB\na.b\naa\nab\n",
  ],
  [
    "printf 'foo bar\\nfoobar\\n' | grep -w foo; printf 'ab\\nabc\\n' | grep -x ab; printf 'abcabc\\n' | grep -o b; printf '1\\n2\\n3\\n4\\n5\\n' | grep -A1 -B1 3",
    "foo bar\nab\nb\nb\n2\n3\n4\n",
  ],
  [
    "echo x > f1; echo y > f2; grep x f1 f2; grep -l x f1 f2; grep -h x f1 f2; grep x nofile; echo $?",
    "f1:x\nf1\nx\n2\n",
    0,
    "grep: nofile: No such file or directory\n",
  ],
  ["mkdir g; echo needle > g/f; grep -r needle g; grep -rl needle g", "g/f:needle\ng/f\n"],
  [
    "printf 'a\\nb\\nc\\n' | sed -n 2p; printf 'a\\nb\\nc\\n' | sed 2d; echo abc | sed 's/b/X/'; echo aaa | sed 's/a/b/2'; echo aaa | sed 's/a/b/g'",
    "b\na\nc\naXc\naba\nbbb\n",
  ],
  [
    "echo abc | sed 's/\\(a\\)\\(b\\)/\\2\\1/'; echo abc | sed -E 's/(a)(b)/[\\2\\1&]/'; echo a/b | sed 's|/|-|'; printf 'a\\nb\\n' | sed '/a/s/a/X/;$s/b/Y/'",
    "bac\n[baab]c\na-b\nX\nY\n",
  ],
  [
    "printf 'a\\nb\\nc\\nd\\n' | sed -n '2,3p'; printf 'a\\nb\\nc\\n' | sed '/b/,$d'; printf 'a\\nb\\n' | sed 'a\\after'; printf 'a\\n' | sed 'i before'; printf 'a\\nb\\n' | sed '1c changed'",
    "b\nc\na\na\nafter\nb\nafter\nbefore\na\nchanged\nb\n",
  ],
  [
    "printf 'a\\nb\\n' | sed -e 1d -e 's/b/c/'; printf '1\\n2\\n3\\n' | sed '$!N;s/\\n/-/'; printf 'abc\\n' | sed 'y/abc/xyz/'; printf 'a\\nb\\nc\\n' | sed 2q; printf 'x\\n' | sed =",
    "c\n1-2\n3\nxyz\na\nb\n1\nx\n",
  ],
  [
    "echo a > f; sed -i 's/a/b/' f; cat f; printf 'a\\nb\\n' | sed -n '$='; printf 'a\\nb\\nc\\n' | sed -n '1!p'; printf 'a b\\n' | sed 's/ /\\n/'",
    "b\n2\nb\nc\na\nb\n",
  ],
  [
    "printf '1\\n2\\n3\\n' | sed ':a;N;$!ba;s/\\n/,/g'; printf 'a\\n\\nb\\n' | sed '/^$/d'; echo foo | sed 's/o*$/X/'; echo 'a.b' | sed 's/[.]/-/'",
    "1,2,3\na\nb\nfX\na-b\n",
  ],
  [
    "printf 'a\\nb\\nc\\n' | head -n 2; printf 'a\\nb\\nc\\n' | head -1; printf 'abc' | head -c 2; printf 'a\\nb\\nc\\n' | tail -n 1; printf 'a\\nb\\nc\\n' | tail -n +2; printf 'abc' | tail -c 2; printf 'a\\nb\\nc\\n' | head -n -1",
    "a\nb\na\nabc\nb\nc\nbca\nb\n",
  ],
  [
    "printf 'a b\\nc\\n' | wc; printf 'a b\\nc\\n' | wc -l; printf 'a b\\nc\\n' | wc -w; printf 'abc' | wc -c; echo a > f; wc f; wc -l f f",
    "        2         3         6\n2\n3\n3\n        1         1         2 f\n        1 f\n        1 f\n        2 total\n",
  ],
  [
    "echo hello | tr a-y b-z; echo hello | tr -d l; echo aabbcc | tr -s a-c; echo abc | tr '[:lower:]' '[:upper:]'; echo a1b2 | tr -cd 0-9; echo; printf 'a\\nb' | tr '\\n' ' '",
    "ifmmp\nheo\nabc\nABC\n12\na b",
  ],
  [
    "printf 'b\\na\\nc\\n' | sort; printf '10\\n9\\n2\\n' | sort; printf '10\\n9\\n2\\n' | sort -n; printf 'a\\nb\\n' | sort -r; printf 'a\\na\\nb\\n' | sort -u; printf 'x 2\\ny 1\\n' | sort -k2; printf 'a:3\\nb:1\\n' | sort -t: -k2n",
    "a\nb\nc\n10\n2\n9\n2\n9\n10\nb\na\na\nb\ny 1\nx 2\nb:1\na:3\n",
  ],
  [
    "printf 'a\\na\\nb\\na\\n' | uniq; printf 'a\\na\\nb\\n' | uniq -c; printf 'a\\na\\nb\\n' | uniq -d; printf 'a\\na\\nb\\n' | uniq -u",
    "a\nb\na\n      2 a\n      1 b\na\nb\n",
  ],
  [
    "echo a:b:c | cut -d: -f2; echo a:b:c | cut -d: -f1,3; echo a:b:c | cut -d: -f2-; echo abcdef | cut -c2-4; echo abc | cut -b1; echo nodelim | cut -d: -f2; echo nodelim | cut -s -d: -f2",
    "b\na:c\nb:c\nbcd\na\nnodelim\n",
  ],
  [
    "seq 3; seq 2 4; seq 1 2 7; seq 3 -1 1; seq -s, 3; seq -w 8 10",
    "1\n2\n3\n2\n3\n4\n1\n3\n5\n7\n3\n2\n1\n1,2,3\n08\n09\n10\n",
  ],
  ["echo data | tee f g; cat f g; echo more | tee -a f >/dev/null; cat f", "data\ndata\ndata\ndata\nmore\n"],
  ["basename /a/b.c; basename /a/b.c .c; dirname /a/b; dirname a; dirname /; basename /", "b.c\nb\n/a\n.\n/\n/\n"],
  [
    "mkdir m; touch m/a m/b; ls m; ls -a m; ls -1 m; ls -d m; ls nofile; echo $?; rmdir m; rm -r m; ls",
    "a\nb\n.\n..\na\nb\na\nb\nm\n1\n",
    0,
    "ls: nofile: No such file or directory\nrmdir: 'm': Directory not empty\n",
  ],
  [
    "mkdir a; mkdir a; echo $?; mkdir -p a/b/c; ls a; rmdir a; echo $?; rm a; echo $?; rm -rf a; rm nofile; echo $?; rm -f nofile; echo $?",
    "1\nb\n1\n1\n1\n0\n",
    0,
    "mkdir: can't create directory 'a': File exists\nrmdir: 'a': Directory not empty\nrm: 'a' is a directory\nrm: can't remove 'nofile': No such file or directory\n",
  ],
  [
    "echo 1 > a; cp a b; cat b; mv b c; ls; mkdir d; cp a c d; ls d; mv a d/x; ls d; cp nofile x; echo $?; mv nofile x; echo $?; cp d e; echo $?; cp -r d e; ls e",
    "1\na\nc\na\nc\na\nc\nx\n1\n1\n1\na\nc\nx\n",
    0,
    "cp: can't stat 'nofile': No such file or directory\nmv: can't rename 'nofile': No such file or directory\ncp: omitting directory 'd'\n",
  ],
  [
    "ln -s target l; readlink l; echo x > t; ln t h; stat -c %h t; ln -s l l; echo $?; ls -l l | sed 's/.*l ->/l ->/'",
    "target\n2\n1\nl -> target\n",
    0,
    "ln: l: File exists\n",
  ],
  [
    "chmod 600 t; echo $?; touch t; chmod 640 t; stat -c '%a %n' t; chmod u+x,g-r t; stat -c %a t; chmod a=r t; stat -c %A t; chmod zz t; echo $?",
    "1\n640 t\n700\n-r--r--r--\n1\n",
    0,
    "chmod: t: No such file or directory\nchmod: invalid mode 'zz'\n",
  ],
  [
    "touch -d '2020-01-02 03:04:05' f; stat -c %Y f; date -u -d @0 '+%Y-%m-%d %H:%M:%S'; date -u -d '2021-03-04 05:06' +%s",
    "1577934245\n1970-01-01 00:00:00\n1614834360\n",
  ],
  [
    "find . -name nothing; mkdir -p q/r; touch q/a.txt q/r/b.txt q/c; find q -name '*.txt' | sort; find q -type d | sort; find q -maxdepth 1 -type f | sort; find q -type f -exec echo {} \\; | sort; ls q",
    "q/a.txt\nq/r/b.txt\nq\nq/r\nq/a.txt\nq/c\nq/a.txt\nq/c\nq/r/b.txt\na.txt\nc\nr\n",
  ],
  [
    "echo a b c | xargs -n 1 echo; printf 'a\\nb\\n' | xargs -I{} echo '<{}>'; printf '' | xargs echo none; printf '' | xargs -r echo none; echo \"a 'b c'\" | xargs -n1",
    "a\nb\nc\n<a>\n<b>\nnone\na\nb c\n",
  ],
  [
    "expr 1 + 2; expr 3 \\* 4; expr 7 / 2; expr abc : 'a\\(.\\)'; expr length hello; expr 1 \\< 2; expr 0; echo $?; expr 5 % 3; expr abc = abc; expr substr hello 2 3; expr index hello l",
    "3\n12\n3\nb\n5\n1\n0\n1\n2\n1\nell\n3\n",
  ],
  [
    "printf abc | md5sum; printf abc | sha256sum; printf abc | base64; echo YWJj | base64 -d; printf abc | sha1sum",
    "900150983cd24fb0d6963f7d28e17f72  -\nba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\nYWJj\nabca9993e364706816aba3e25717850c26c9cd0d89d  -\n",
  ],
  [
    "printf 'abc\\n' | od -c; printf 'abc\\n' | od -An -tx1; printf 'abc\\n' | hexdump -C; printf 'ab' | od -x",
    "0000000   a   b   c  \\n\n0000004\n 61 62 63 0a\n00000000  61 62 63 0a                                       |abc.|\n00000004\n0000000 6261\n0000002\n",
  ],
  [
    "printf abc > a; printf abd > b; cmp a b; echo $?; cmp a a; echo $?; printf '1\\n2\\n3\\n' > a; printf '1\\nX\\n3\\n' > b; diff a b | tail -n +3; diff a a; echo $?",
    "a b differ: char 3, line 1\n1\n0\n@@ -1,3 +1,3 @@\n 1\n-2\n+X\n 3\n0\n",
  ],
  ["env -i A=1 B=2 env; env X=1 sh -c 'echo $X'; A=1 env | grep ^A=", "A=1\nB=2\n1\nA=1\n"],
  [
    "timeout 0.01 sleep 5; echo $?; timeout 5 true; echo $?; timeout 5 sh -c 'exit 3'; echo $?",
    "143\n0\n3\n",
    0,
    "Terminated\n",
  ],
  ["yes | head -n 2; yes a b | head -n 1; nproc | grep -c .", "y\ny\na b\n1\n"],
  [
    "dd if=/dev/zero bs=10 count=2 2>/dev/null | wc -c; printf abcdef | dd bs=1 skip=2 count=2 2>/dev/null; echo; printf abc | dd of=o 2>/dev/null; cat o",
    "20\ncd\nabc",
  ],
  [
    "echo a | nl; printf 'a\\nb\\n' | tac; echo abc | rev; printf 'a\\n' | cat -n; printf 'a\\tb\\n' | cat -A; printf '\\001\\n' | cat -v",
    "     1\ta\nb\na\ncba\n     1\ta\na^Ib$\n^A\n",
  ],
  ["mkfifo p; echo fifo > p & cat p; wait", "fifo\n"],
  ["mktemp -u | grep -c tmp; f=$(mktemp); [ -f $f ] && rm $f && echo ok", "1\nok\n"],
  ["which sh | grep -c sh; which nosuch; echo $?", "1\n1\n"],
  ["ls -y 2>&1 | head -1; cat -y 2>/dev/null; echo $?", "ls: invalid option -- 'y'\n1\n"],
  [
    "cat /dev/null; echo $?; echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo x > /dev/full; echo $?",
    "0\n3\n1\n",
    0,
    "sh: write error: No space left on device\n",
  ],
  ["x=$(echo a | tr a b; echo $?); echo $x", "b 0\n"],
  ["printf 'if true\\nthen echo yes\\nfi\\necho \"a\\nb\"\\n' | sh", "yes\na\nb\n"],
  ["echo \"tab\ttab\" | cut -f2; printf '%s\\t%s\\n' a b | cut -f1", "tab\na\n"],
  ["(echo a; echo b >&2) 2>&1 | sort; { echo x >&2; } 2>&1 | cat", "a\nb\nx\n"],
  [
    "ls /nosuch 2>&1; cat /nosuch 2>&1; rm /nosuch 2>&1; touch /nosuch/x 2>&1; cp /nosuch x 2>&1",
    "ls: /nosuch: No such file or directory\ncat: can't open '/nosuch': No such file or directory\nrm: can't remove '/nosuch': No such file or directory\ntouch: /nosuch/x: No such file or directory\ncp: can't stat '/nosuch': No such file or directory\n",
    1,
  ],
  ["readonly x=1; readonly -p | grep x", "readonly x='1'\n"],
  ["echo $(case a in a) echo yes;; esac)", "yes\n"],
  ["sh -c 'sleep 0.01; echo $PPID' | grep -c .; echo $$ | grep -c .", "1\n1\n"],
  [
    "date -d @86400 +%F; date -d @0 +%H:%M:%S; date -u -d @1700000000",
    "1970-01-02\n00:00:00\nTue Nov 14 22:13:20 UTC 2023\n",
  ],
  ["uname -s; uname | wc -l; id -u; id -un; whoami", "Linux\n1\n0\nroot\nroot\n"],
  ["pwd | wc -l; env | grep -c ^PATH=; printenv HOME", "1\n1\n/root\n"],
  ["seq 5 | head -n 2; seq 5 | tail -n 2; seq 5 | sed -n '2,4p' | tr '\\n' ,; echo", "1\n2\n4\n5\n2,3,4,\n"],
  [
    "seq 10 | awk '{s+=$1} END {print s}'; echo 'a b c' | awk '{print $2, $NF, NF}'; printf 'a:b\\nc:d\\n' | awk -F: '{print $2}'",
    "55\nb c 3\nb\nd\n",
  ],
  [
    "printf 'a 1\\nb 2\\n' | awk '$2>1 {print $1}'; awk 'BEGIN {print 1+2, \"x\" \"y\"; printf \"%d %s\\n\", 3, \"z\"}'; printf 'a\\nb\\n' | awk 'NR==2'",
    "b\n3 xy\n3 z\nb\n",
  ],
  [
    'printf \'a b\\n\' | awk \'{$1="x"; print}\'; printf \'foo\\nbar\\n\' | awk \'/oo/\'; awk \'BEGIN{x="a"; if (x=="a") print "yes"; else print "no"; for(i=0;i<3;i++) printf i; print ""}\'',
    "x b\nfoo\nyes\n012\n",
  ],
  [
    "printf 'a\\nb\\na\\n' | awk '{c[$1]++} END {for (k in c) print k, c[k]}' | sort; echo abc | awk '{print length($0), substr($0,2,1), toupper($0), index($0,\"c\")}'",
    "a 2\nb 1\n3 b ABC 3\n",
  ],
  [
    "awk -v x=5 'BEGIN {print x*2}'; echo 'a,b' | awk '{split($0,p,\",\"); print p[2]}'; echo aXb | awk '{gsub(\"X\",\"-\"); print}'; echo 1 | awk '{print ($1==1)?\"one\":\"other\"}'",
    "10\nb\na-b\none\n",
  ],
];
