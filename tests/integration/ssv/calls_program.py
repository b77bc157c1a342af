"""A C program with a call of every SSV function, ordinary and hostile, written from the declarations.

`program calls TIMES` calls every function so often and prints how many calls returned each code; `program
hostile` makes every mistake that a parameter allows, and ends with 0 when each has its code; `program threads
TIMES` calls from several threads at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tests.integration.ssv.fake_server import usual_outputs
from tla_sim.host.ssv.codes import SsvCode
from tla_sim.host.ssv.declaration import RESOURCES, TEXTS, Form, Function, Parameter
from tla_sim.host.ssv.functions import AT_SERVER
from tla_sim.host.ssv.headers import code_name
from tla_sim.host.ssv.prototypes import c_parameters
from tla_sim.protocol.groups.zone import MAX_ZONE_BYTES

_PRELUDE: Final = """\
#include <pthread.h>
#include <sgd.h>
#include <ssv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACES 4
#define THREADS 4

static unsigned long seen[0x10000], touched;
static int wrong;

static void check(const char *what, unsigned short got, unsigned short expected)
{
    if (got == expected)
        return;
    fprintf(stderr, "%s: %04X, not %04X\\n", what, got, expected);
    wrong = 1;
}

/* A block that ends where it ends: one byte behind it is nobody's. */
static void *block(const void *bytes, size_t size)
{
    void *copy = malloc(size);

    if (copy == NULL)
        abort();
    memcpy(copy, bytes, size);
    return copy;
}

static char *endless(size_t size)
{
    char *text = malloc(size);

    if (text == NULL)
        abort();
    memset(text, '1', size);
    return text;
}

/* Read all of a zone, and give it back. */
static void use(void *zone, size_t size)
{
    const unsigned char *bytes = zone;

    while (size-- > 0)
        __atomic_fetch_add(&touched, bytes[size], __ATOMIC_RELAXED);
    SSV_LibererZoneMem(zone);
}

static unsigned short reserve(unsigned short group)
{
    unsigned short session = 0;

    check("SGD_ReserverSession", SGD_ReserverSession(5000, &session), 0);
    check("SGD_AjouterGroupe", SGD_AjouterGroupe(session, group), 0);
    return session;
}

/* Read all of a session's output, and give the session back. */
static void release(unsigned short session)
{
    unsigned short group = 0, occurrence = 0, field;

    while (SGD_LireGroupeSuivant(session, group, occurrence, &group, &occurrence) == 0) {
        for (field = 1;; field++) {
            char value[2048];
            size_t room = sizeof value;
            if (SGD_LireChamp(session, group, occurrence, field, value, &room) != 0)
                break;
            __atomic_fetch_add(&touched, strlen(value), __ATOMIC_RELAXED);
        }
    }
    check("SGD_LibererSession", SGD_LibererSession(session), 0);
}

static const char ZONE[] = {0, 1, 2, 1, 'T'};
"""

_MAIN: Final = """\
static void call_all(long times)
{
    while (times-- > 0)
        for (size_t at = 0; at < sizeof CALLERS / sizeof *CALLERS; at++)
            __atomic_fetch_add(&seen[CALLERS[at]()], 1, __ATOMIC_RELAXED);
}

static void *in_thread(void *times)
{
    call_all(*(const long *)times);
    return NULL;
}

static void call_in_threads(long times)
{
    pthread_t threads[THREADS];

    for (int at = 0; at < THREADS; at++)
        if (pthread_create(&threads[at], NULL, in_thread, &times) != 0)
            abort();
    for (int at = 0; at < THREADS; at++)
        pthread_join(threads[at], NULL);
}

int main(int count, char **arguments)
{
    const char *mode = count > 1 ? arguments[1] : "calls";
    long times = count > 2 ? strtol(arguments[2], NULL, 10) : 1;
    void *memory = NULL;

    check("SSV_InitTrace", SSV_InitTrace(NULL, NULL, 0, 0), 0);
    check("SSV_InitLIB2", SSV_InitLIB2("sesam.ini"), 0);
    check("SSV_TermLIB", SSV_TermLIB(), 0);
    check("SSV_InitLIB", SSV_InitLIB(), 0);
    check("SSV_AllouerZoneMem", SSV_AllouerZoneMem(&memory, 10), 0);
    SSV_LibererZoneMem(memory);
    if (strcmp(mode, "hostile") == 0)
        make_mistakes();
    else if (strcmp(mode, "threads") == 0)
        call_in_threads(times);
    else
        call_all(times);
    for (unsigned code = 0; code < 0x10000; code++)
        if (seen[code] > 0)
            printf("%04X %lu\\n", code, seen[code]);
    check("SSV_TermLIB", SSV_TermLIB(), 0);
    return wrong;
}
"""


@dataclass(frozen=True)
class Mistake:
    """A wrong argument for one C parameter, and the code that it has."""

    name: str
    argument: str
    code: SsvCode


def program_source() -> str:
    """Return the program's C source."""
    mistakes = ("\n".join(_mistakes(*each)) for each in _functions())
    return "\n".join((callers_source(), "static void make_mistakes(void)\n{", *mistakes, "}\n", _MAIN))


def callers_source() -> str:
    """Return the part of it with an ordinary call of each function, and the array `CALLERS` of those."""
    bodies = ("\n".join(_caller(*each)) for each in _functions())
    names = ", ".join(f"call_{named.name}" for named, _ in _functions())
    array = f"typedef unsigned short (*caller)(void);\nstatic const caller CALLERS[] = {{{names}}};\n"
    return "\n".join((_PRELUDE, *bodies, array))


def _functions() -> list[tuple[Function, Function]]:
    """Return every function and every twin, each with the function that it comes from."""
    return [(named, each) for each in AT_SERVER for named in (each, each.twin())]


def _caller(function: Function, origin: Function) -> Iterator[str]:
    """Yield a C function that makes an ordinary call, uses what comes out, and returns the code."""
    yield f"static unsigned short call_{function.name}(void)"
    yield "{"
    yield "    unsigned short code_;"
    yield from _variables(function, origin)
    yield f"    code_ = {_call(function)};"
    yield from _uses(function, "code_ == 0")
    yield from _frees(function)
    yield "    return code_;"
    yield "}\n"


def _mistakes(function: Function, origin: Function) -> Iterator[str]:
    """Yield C blocks that each call with one wrong argument."""
    for mistake in _all_mistakes(function):
        yield "    {"
        yield from (f"    {line}" for line in _variables(function, origin))
        if mistake.argument.startswith("endless"):
            yield f"        char *endless_ = {mistake.argument};"
        argument = "endless_" if mistake.argument.startswith("endless") else mistake.argument
        call = _call(function, {mistake.name: argument})
        what = f"{function.name} {mistake.name}={mistake.argument}"
        yield f'        check("{what.replace(chr(34), "")}", {call}, {code_name(mistake.code)});'
        if mistake.argument.startswith("endless"):
            yield "        free(endless_);"
        yield from (f"    {line}" for line in _frees(function))
        yield "    }"


def _variables(function: Function, origin: Function) -> Iterator[str]:
    """Yield the variables of a call: blocks on the heap, each exactly as large as it must be."""
    for each in function.parameters:
        name = each.name
        match each.form:
            case form if form in TEXTS:
                text = "12345678"[: each.longest]
                yield f'    char *{name} = block("{text}", {len(text) + 1});'
            case Form.ZONE_IN:
                yield f"    void *{name} = block(ZONE, sizeof ZONE);"
            case Form.ZONES_IN:
                yield f"    void *{name}_0 = block(ZONE, sizeof ZONE), *{name}_1 = block(ZONE, sizeof ZONE);"
                yield f"    void *{name}_array[] = {{{name}_0, {name}_1}};"
                yield f"    void *{name}_gap[] = {{{name}_0, NULL}};"
                yield f"    size_t {name}_numbers[] = {{sizeof ZONE, sizeof ZONE}};"
                yield f"    size_t {name}_huge[] = {{sizeof ZONE, (size_t)-1}};"
                yield f"    void **{name} = block({name}_array, sizeof {name}_array);"
                yield f"    size_t *{name}_sizes = block({name}_numbers, sizeof {name}_numbers);"
            case Form.ZONE_OUT:
                yield f"    void *{name} = (void *)(size_t)1;"
                yield f"    size_t {name}_size = 1;"
            case Form.ZONES_OUT:
                yield f"    void **{name} = malloc(PLACES * sizeof *{name});"
                yield f"    size_t *{name}_sizes = malloc(PLACES * sizeof *{name}_sizes);"
                yield f"    short {name}_count = PLACES, {name}_less = -1, {name}_few = 1;"
            case Form.MOMENT_OUT:
                yield f"    char *{name} = malloc(13);"
            case Form.SESSION:
                header = origin.splits[0] if origin.splits else 1110
                yield f"    unsigned short {name} = reserve({header});"
            case _:
                yield f"    char {name} = '1';"


def _call(function: Function, wrong: dict[str, str] | None = None) -> str:
    """Return the C expression of a call, with some arguments replaced."""
    arguments = [
        (wrong or {}).get(parameter.name, _ordinary(each, parameter.name))
        for each in function.parameters
        for parameter in c_parameters(each)
    ]
    return f"{function.name}({', '.join(arguments)})"


def _ordinary(parameter: Parameter, name: str) -> str:
    match parameter.form:
        case Form.ZONE_IN if name.endswith("_size"):
            return "sizeof ZONE"
        case Form.ZONES_IN if name.endswith("_count"):
            return "2"
        case Form.ZONE_OUT:
            return f"&{name}"
        case Form.ZONES_OUT if name.endswith("_count"):
            return f"&{name}"
        case _:
            return name


def _uses(function: Function, done: str) -> Iterator[str]:
    for each in function.parameters:
        if each.form is Form.ZONE_OUT:
            yield f"    if ({done})"
            yield f"        use({each.name}, {each.name}_size);"
        elif each.form is Form.ZONES_OUT:
            yield f"    for (short at_ = 0; {done} && at_ < {each.name}_count; at_++)"
            yield f"        use({each.name}[at_], {each.name}_sizes[at_]);"
        elif each.form is Form.MOMENT_OUT:
            yield f"    if ({done})"
            yield f"        __atomic_fetch_add(&touched, strlen({each.name}), __ATOMIC_RELAXED);"


def _frees(function: Function) -> Iterator[str]:
    for each in function.parameters:
        match each.form:
            case form if form in (*TEXTS, Form.ZONE_IN, Form.MOMENT_OUT):
                yield f"    free({each.name});"
            case Form.ZONES_IN:
                for name in (f"{each.name}_0", f"{each.name}_1", each.name, f"{each.name}_sizes"):
                    yield f"    free({name});"
            case Form.ZONES_OUT:
                yield f"    free({each.name});"
                yield f"    free({each.name}_sizes);"
            case Form.SESSION:
                yield f"    release({each.name});"


def _all_mistakes(function: Function) -> Iterator[Mistake]:
    for each in function.parameters:
        for name, argument, code in _wrong(each):
            yield Mistake(name, argument, code)
    for each in function.parameters:
        if each.form is Form.ZONES_OUT:
            assert len(usual_outputs(function)[each.name]) > 1
            yield Mistake(f"{each.name}_count", f"&{each.name}_few", SsvCode.OUTPUT)


def _wrong(parameter: Parameter) -> Iterator[tuple[str, str, SsvCode]]:
    """Yield wrong arguments: the C parameter, the expression, the code."""
    name = parameter.name
    match parameter.form:
        case form if form in TEXTS:
            too_long = SsvCode.NAME if form in RESOURCES else SsvCode.INPUT
            yield name, f"endless({parameter.longest + 1})", too_long
            if not parameter.optional:
                yield name, "NULL", SsvCode.INPUT
        case Form.ZONE_IN:
            yield name, "NULL", SsvCode.INPUT
            yield f"{name}_size", f"{MAX_ZONE_BYTES + 1}", SsvCode.INPUT
            yield f"{name}_size", "(size_t)-1", SsvCode.INPUT
        case Form.ZONES_IN:
            for count in ("-1", "-32768", "4097", "32767"):
                yield f"{name}_count", count, SsvCode.INPUT
            for array, argument in ((name, "NULL"), (f"{name}_sizes", "NULL")):
                yield array, argument, SsvCode.INPUT
            yield name, f"{name}_gap", SsvCode.INPUT
            yield f"{name}_sizes", f"{name}_huge", SsvCode.INPUT
        case Form.ZONE_OUT:
            for each in (name, f"{name}_size"):
                yield each, "NULL", SsvCode.OUTPUT
        case Form.ZONES_OUT:
            for each in (f"{name}_count", name, f"{name}_sizes"):
                yield each, "NULL", SsvCode.OUTPUT
            yield f"{name}_count", f"&{name}_less", SsvCode.OUTPUT
        case Form.MOMENT_OUT:
            yield name, "NULL", SsvCode.OUTPUT
        case Form.SESSION:
            for number in ("0", "0xFFFF"):
                yield name, number, SsvCode.BAD_SESSION
        case _:
            return
