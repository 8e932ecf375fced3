#!/usr/bin/env python3
"""Runs a command whose ptrace(2) knows no extended registers: without_xstate.py COMMAND [ARGUMENT…]

User-mode-linux 6.1 keeps its processes' registers in 2,696 bytes, which is less than a CPU with AMX
has of them, and then can run no process. It does with the 512 bytes that every CPU has when it is
told that there are no others.
"""

import ctypes
import errno
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
RET_ALLOW, RET_ERRNO = 0x7FFF0000, 0x00050000
LOAD_WORD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF
NUMBER, FIRST_ARGUMENT = 0, 16  # offsets in struct seccomp_data
PTRACE = 101  # on x86-64
GETREGSET, SETREGSET = 0x4204, 0x4205

PROGRAM = [
    (LOAD_WORD, 0, 0, NUMBER),
    (JUMP_EQUAL, 0, 4, PTRACE),
    (LOAD_WORD, 0, 0, FIRST_ARGUMENT),
    (JUMP_EQUAL, 1, 0, GETREGSET),
    (JUMP_EQUAL, 0, 1, SETREGSET),
    (RETURN, 0, 0, RET_ERRNO | errno.EIO),
    (RETURN, 0, 0, RET_ALLOW),
]


def deny_extended_registers():
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in PROGRAM)
    buffer = ctypes.create_string_buffer(code)
    filter_ = ctypes.create_string_buffer(
        struct.pack("HP", len(PROGRAM), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter_)):
        if libc.prctl(*arguments, 0, 0) != 0:
            sys.exit(f"without_xstate.py: {os.strerror(ctypes.get_errno())}")


deny_extended_registers()
os.execvp(sys.argv[1], sys.argv[1:])
