-- The engine of the dissectors: it reads tables of declarations and finds in a message the fields that
-- protocol/exchange finds. Offsets count from 0; `stop` is the offset behind the last byte. Arithmetic instead
-- of operators on bits, since Lua 5.2 (Wireshark 4.0) has none and Lua 5.4 has no library for them.

-- Wireshark refuses a second protocol of the same name; this file may be in two of its folders.
if tla_sim_is_loaded then return end
tla_sim_is_loaded = true

local floor, format = math.floor, string.format

local GROUP_END, FIELD_END = 0x1D, 0x1F
local MAX_MESSAGE = 70000
local HEX_IN_LABEL, TEXT_IN_LABEL = 64, 120
local BRIEF_PARTS, LONG, BRIEF_CHARACTERS = 3, 40, 24

local tla = Proto("tla", "Log_SV of a TLA card reader, and its cards")
local tla_apdu = Proto("tla_apdu", "APDU of a TLA card reader")
local tla_t1 = Proto("tla_t1", "T=1 block of a TLA card reader")
local tla_vpcd = Proto("tla_vpcd", "vpcd message of a TLA card reader")
local tla_zone = Proto("tla_zone", "SSV memory zone")
