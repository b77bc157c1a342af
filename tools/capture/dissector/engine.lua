-- The engine of the dissectors: it reads tables of declarations and finds in a message the fields that
-- protocol/exchange finds. Offsets count from 0; `stop` is the offset behind the last byte. Arithmetic instead
-- of operators on bits, since Lua 5.2 (Wireshark 4.0) has none and Lua 5.4 has no library for them.

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

-- Fields of Wireshark ---------------------------------------------------------------------------------------

local declared_fields = {}
local by_name = {}

local function keep(name, made)
    by_name[name] = made
    declared_fields[#declared_fields + 1] = made
    return made
end

local function none(name, text) return keep(name, ProtoField.none(name, text)) end
local function bytes(name, text) return keep(name, ProtoField.bytes(name, text)) end
local function counted(name, text) return keep(name, ProtoField.new(text, name, ftypes.UINT_BYTES)) end
local function text_field(name, text) return keep(name, ProtoField.string(name, text)) end
local function u8(name, text, base_, values) return keep(name, ProtoField.uint8(name, text, base_, values)) end
local function u16(name, text, base_, values) return keep(name, ProtoField.uint16(name, text, base_, values)) end

local NUMBERS = {
    [1] = ProtoField.uint8, [2] = ProtoField.uint16, [4] = ProtoField.uint32, [8] = ProtoField.uint64,
}

local declare_fields

local function declare_field(prefix, spec)
    local name = prefix .. "." .. spec.name
    local form, text = spec.form, spec.text
    spec.pf = name
    if form == "number" then
        keep(name, NUMBERS[spec.size](name, text, base.DEC, spec.enum))
    elseif form == "flag" then
        keep(name, ProtoField.bool(name, text))
    elseif form == "fixed" then
        bytes(name, text)
    elseif form == "blob" then
        if spec.is_text then text_field(name, text) else counted(name, text) end
    else
        none(name, text)
        local item = spec.item
        item.pf = name .. ".item"
        if item.form == "record" then
            none(item.pf, item.text)
            declare_fields(name, item.fields)
        elseif item.is_text then
            text_field(item.pf, text)
        else
            counted(item.pf, text)
        end
    end
end

function declare_fields(prefix, fields)
    for _, spec in ipairs(fields) do declare_field(prefix, spec) end
end

for _, command in pairs(D.commands) do
    declare_fields("tla." .. command.name .. ".request", command.request)
    declare_fields("tla." .. command.name .. ".answer", command.answer)
end
declare_fields("tla.slot", D.slot_state)
declare_fields("tla.document", D.document)
declare_fields("tla.block", D.signed_part)

for name, text in pairs(D.groups.names) do none("tla.group." .. name, text) end
for name, text in pairs(D.groups.fields) do text_field("tla.group." .. name, text) end

none("tla.group.undeclared", "Group that is not in the dictionary")
text_field("tla.group.undeclared.field", "Field that is not declared")
bytes("tla.group.unreadable", "Field that is not UTF-8")
u16("tla.group.count", "Groups that follow", base.DEC)
bytes("tla.block.signature", "Signature over everything in the document before it")
none("tla.block", "Signature block")
u8("tla.cla", "Class", base.HEX)
u8("tla.ins", "Instruction", base.HEX)
u8("tla.p1", "First parameter", base.HEX)
u8("tla.p2", "Second parameter", base.HEX)
u16("tla.p1p2", "Both parameters", base.HEX)
keep("tla.lc", ProtoField.uint24("tla.lc", "Bytes of data that follow", base.DEC))
keep("tla.le", ProtoField.uint24("tla.le", "Bytes expected", base.DEC))
bytes("tla.data", "Data")
none("tla.code", "Code porteur, blanked")
none("tla.blanked", "Bytes that may hold a code porteur, not shown")
bytes("tla.object", "Data object")
none("tla.object.template", "Data object with others inside")
bytes("tla.unexplained", "Bytes that no declaration explains")
u16("tla.sw", "Status word", base.HEX)
text_field("tla.command", "Command")
text_field("tla.summary", "What the command does")
text_field("tla.device", "Device")
bytes("tla.atr", "Answer to reset")
keep("tla.response_to", ProtoField.framenum("tla.response_to", "Response to", base.NONE, frametype.REQUEST))
keep("tla.response_in", ProtoField.framenum("tla.response_in", "Response in", base.NONE, frametype.RESPONSE))
text_field("tla.failure", "The dissector failed")

u8("tla.t1.nad", "Node address", base.HEX)
u8("tla.t1.pcb", "Protocol control byte", base.HEX)
text_field("tla.t1.kind", "Block")
u8("tla.t1.len", "Bytes of INF", base.DEC)
bytes("tla.t1.inf", "INF")
u8("tla.t1.ifs", "Bytes of INF that the sender takes", base.DEC)
u8("tla.t1.wtx", "Block waiting times wanted", base.DEC)
bytes("tla.t1.edc", "Error detection code")
keep("tla.t1.edc.good", ProtoField.bool("tla.t1.edc.good", "Error detection code is right"))
bytes("tla.t1.noise", "Bytes that are not a T=1 block")
keep("tla.t1.reassembled_in",
    ProtoField.framenum("tla.t1.reassembled_in", "Whole message in", base.NONE))
keep("tla.t1.repeated", ProtoField.bool("tla.t1.repeated", "Block sent again"))

u8("tla.vpcd.order", "Order", base.HEX, D.vpcd_orders)
none("tla.vpcd.nothing", "Empty message")

tla.fields = declared_fields

local bad_edc = ProtoExpert.new("tla.t1.edc.wrong", "Wrong error detection code",
    expert.group.CHECKSUM, expert.severity.WARN)
local no_block = ProtoExpert.new("tla.t1.no_block", "These bytes are not one whole T=1 block",
    expert.group.PROTOCOL, expert.severity.WARN)
local failed = ProtoExpert.new("tla.failed", "The dissector failed", expert.group.DEBUG, expert.severity.ERROR)
tla.experts = { bad_edc, no_block, failed }

local the_apdu = Field.new("iso7816")
local the_number = Field.new("frame.number")
local the_interface = Field.new("frame.interface_id")
local the_interface_name = Field.new("frame.interface_name")
local the_ccid = Field.new("usbccid")
local the_ccid_slot = Field.new("usbccid.bSlot")

-- Bytes and texts -------------------------------------------------------------------------------------------

local function has_bit(number, bit) return floor(number / bit) % 2 == 1 end

local function number_at(raw, start, stop)
    local number = 0
    for at = start + 1, stop do number = number * 256 + raw:byte(at) end
    return number
end

local HEX = {}
for byte = 0, 255 do HEX[string.char(byte)] = format("%02x", byte) end

local function hex(raw, start, stop) return (raw:sub(start + 1, stop):gsub(".", HEX)) end

-- As many bytes in hex as a label shows, and one more, by which it is seen that there are more.
local function hex_for_label(raw, start, stop)
    return hex(raw, start, math.min(stop, start + HEX_IN_LABEL / 2 + 1))
end

local XOR = {}
for left = 0, 15 do
    for right = 0, 15 do
        local sum = 0
        for _, bit in ipairs({ 1, 2, 4, 8 }) do
            if has_bit(left, bit) ~= has_bit(right, bit) then sum = sum + bit end
        end
        XOR[left * 16 + right] = sum
    end
end

local function xor(left, right)
    return XOR[floor(left / 16) * 16 + floor(right / 16)] * 16 + XOR[(left % 16) * 16 + right % 16]
end

local function lrc(raw, stop)
    local sum = 0
    for at = 1, stop do sum = xor(sum, raw:byte(at)) end
    return string.char(sum)
end

local function crc(raw, stop)
    local high, low = 0xFF, 0xFF
    for at = 1, stop do
        local place = xor(low, raw:byte(at)) + 1
        low = xor(high, D.crc_low[place])
        high = D.crc_high[place]
    end
    return string.char(high, low)
end

-- Whether bytes are UTF-8, by the table of Unicode 3.9 (D92).
local function is_utf8(raw)
    if not raw:find("[\128-\255]") then return true end
    local at, size = 1, #raw
    while at <= size do
        local first = raw:byte(at)
        local more, low, high = 0, 0x80, 0xBF
        if first >= 0x80 then
            if first < 0xC2 or first > 0xF4 then return false end
            more = first < 0xE0 and 1 or first < 0xF0 and 2 or 3
            if first == 0xE0 then low = 0xA0 elseif first == 0xED then high = 0x9F
            elseif first == 0xF0 then low = 0x90 elseif first == 0xF4 then high = 0x8F end
        end
        if at + more > size then return false end
        for place = at + 1, at + more do
            local byte = raw:byte(place)
            if byte < low or byte > high then return false end
            low, high = 0x80, 0xBF
        end
        at = at + more + 1
    end
    return true
end

local function moment_text(raw, start, stop)
    local moment = number_at(raw, start, stop)
    if moment == 0 then return "" end
    if moment > D.latest_moment + 999 then
        local low, high = number_at(raw, stop - 4, stop), number_at(raw, start, stop - 4)
        return tostring(UInt64.new(low, high)) .. " ms"
    end
    local seconds = floor(moment / 1000)
    local days = floor(seconds / 86400)
    seconds = seconds - days * 86400
    -- Days since 0000-03-01, so that a leap day ends a year; eras of 400 years.
    local shifted = days + 719468
    local era = floor(shifted / 146097)
    local of_era = shifted - era * 146097
    local year = floor((of_era - floor(of_era / 1460) + floor(of_era / 36524) - floor(of_era / 146096)) / 365)
    local of_year = of_era - (365 * year + floor(year / 4) - floor(year / 100))
    local month = floor((5 * of_year + 2) / 153)
    local day = of_year - floor((153 * month + 2) / 5) + 1
    month = month < 10 and month + 3 or month - 9
    year = year + era * 400 + (month <= 2 and 1 or 0)
    return format("%04d-%02d-%02d %02d:%02d:%02d", year, month, day,
        floor(seconds / 3600), floor(seconds / 60) % 60, seconds % 60)
end

-- Finding fields, as tla_sim.protocol.wire.located does ------------------------------------------------------

local function locator(raw) return { raw = raw, left = D.max_fields } end

local function is_full(found) return found.left <= 0 end

-- A field: `how` is the way to add it to a tree, `value` its value as text, nil where fields are inside.
local function field(found, pf, how, name, start, stop, value, shown, lead, inside, text)
    found.left = found.left - 1
    return {
        pf = pf, how = how, name = name, start = start, stop = stop, value = value, shown = shown or "",
        lead = lead or 0, inside = inside, text = text,
    }
end

local function bytes_field(found, pf, name, start, stop, shown, how)
    local value = hex_for_label(found.raw, start, stop)
    return field(found, pf, how or "bytes", name, start, stop, value, shown)
end

local function add_rest(found, start, stop, out)
    if start < stop then
        out[#out + 1] = bytes_field(found, "tla.unexplained", "?", start, stop)
    end
end

local INSIDE = {}
local SHOWING = {}

local function blob(found, name, spec, item, at, stop)
    local start = at + item.lead
    if start > stop then return nil, at, false end
    local raw = found.raw
    local last = start + number_at(raw, at, start)
    if last > stop then return nil, at, false end
    local shown = ""
    if item.is_text then
        local text = raw:sub(start + 1, last)
        if is_utf8(text) then
            return field(found, item.pf, "text", name, at, last, text, "", item.lead), last, true
        end
        shown = "not UTF-8"
    end
    local look_inside = spec.holds and INSIDE[spec.holds]
    if look_inside and start < last then
        local fields = {}
        look_inside(found, start, last, fields)
        return field(found, item.pf, "counted", name, at, last, nil, "", item.lead, fields), last, true
    end
    local how = item.is_text and "text" or "counted"
    return field(found, item.pf, how, name, at, last, hex_for_label(raw, start, last), shown, item.lead), last, true
end

local function number_field(found, spec, start, stop)
    local raw = found.raw
    local value, shown = nil, ""
    if spec.little then
        value = format("%d", number_at(raw:sub(start + 1, stop):reverse(), 0, stop - start))
    elseif spec.size == 8 then
        value = tostring(UInt64.new(number_at(raw, stop - 4, stop), number_at(raw, start, stop - 4)))
    else
        value = format("%d", number_at(raw, start, stop))
    end
    if spec.enum then
        local known = spec.enum[number_at(raw, start, stop)]
        if known then value = known else shown = "undeclared " .. value end
    elseif spec.holds and SHOWING[spec.holds] then
        shown = SHOWING[spec.holds](raw, start, stop)
    end
    return field(found, spec.pf, spec.little and "little" or "plain", spec.name, start, stop, value, shown)
end

local prefix

local function item_field(found, name, spec, at, stop)
    local item = spec.item
    if item.form == "blob" then return blob(found, name, spec, item, at, stop) end
    if is_full(found) then return nil, at, false end
    local fields = {}
    local here, whole = prefix(found, item.fields, at, stop, fields)
    if here == at then return nil, at, whole end
    return field(found, item.pf, "plain", name, at, here, nil, "", 0, fields, item.text), here, whole
end

local function many(found, spec, at, stop)
    local start = at + spec.lead
    if start > stop then return nil, at, false end
    local items, here, whole = {}, start, true
    for place = 1, number_at(found.raw, at, start) do
        local item
        item, here, whole = item_field(found, format("%d", place), spec, here, stop)
        items[#items + 1] = item
        if not whole then break end
    end
    local value = nil
    if #items == 0 then value = "0" end
    return field(found, spec.pf, "plain", spec.name, at, here, value, "", spec.lead, items), here, whole
end

local function declared(found, spec, at, stop)
    if is_full(found) then return nil, at, false end
    local form = spec.form
    if form == "number" and at + spec.size <= stop then
        return number_field(found, spec, at, at + spec.size), at + spec.size, true
    elseif form == "flag" and at < stop then
        local value = found.raw:byte(at + 1) ~= 0 and "yes" or "no"
        return field(found, spec.pf, "plain", spec.name, at, at + 1, value), at + 1, true
    elseif form == "fixed" and at + spec.size <= stop then
        return bytes_field(found, spec.pf, spec.name, at, at + spec.size), at + spec.size, true
    elseif form == "blob" then
        return blob(found, spec.name, spec, spec, at, stop)
    elseif form == "many" then
        return many(found, spec, at, stop)
    end
    return nil, at, false
end

function prefix(found, fields, at, stop, out)
    for _, spec in ipairs(fields) do
        local one, whole
        one, at, whole = declared(found, spec, at, stop)
        out[#out + 1] = one
        if not whole then return at, false end
    end
    return at, true
end

local function record(found, fields, start, stop, out)
    local at = prefix(found, fields, start, stop, out)
    add_rest(found, at, stop, out)
end

-- What is inside a field, as tla_sim.protocol.exchange.contents finds it -------------------------------------

local function shown_value(kind, text)
    local digits = text:match("^%-?(%d+)$")
    if not digits then return "" end
    local size = #text
    if kind == "date" and size == 8 then
        return text:sub(1, 4) .. "-" .. text:sub(5, 6) .. "-" .. text:sub(7)
    elseif kind == "moment" and size == 14 then
        return text:sub(1, 4) .. "-" .. text:sub(5, 6) .. "-" .. text:sub(7, 8) .. " " .. text:sub(9, 10) .. ":" ..
            text:sub(11, 12) .. ":" .. text:sub(13)
    elseif kind == "cents" and size <= 13 then
        local amount = tonumber(digits)
        local sign = text:sub(1, 1) == "-" and amount > 0 and "-" or ""
        return format("%s%d,%02d €", sign, floor(amount / 100), amount % 100)
    elseif kind == "flag" and (text == "0" or text == "1" or text == "01") then
        return text == "1" and "yes" or "no"
    end
    return ""
end

local function group_field(found, number, place, known, start, stop)
    local name = format("%d", place)
    local text = found.raw:sub(start + 1, stop)
    if not is_utf8(text) then
        return bytes_field(found, "tla.group.unreadable", name, start, stop)
    elseif not known then
        return field(found, "tla.group.undeclared.field", "text", name, start, stop, text)
    end
    local pf = "tla.group." .. number .. "." .. known.name
    return field(found, pf, "text", known.name, start, stop, text, shown_value(known.kind, text))
end

local function group_pf(number, known)
    return known and "tla.group." .. number or "tla.group.undeclared"
end

local function group(found, start, stop)
    local raw = found.raw
    local texts = {}
    local at = start
    while true do
        local ends = raw:find("\31", at + 1, true)
        if not ends or ends > stop then break end
        texts[#texts + 1] = { at, ends - 1 }
        at = ends
    end
    texts[#texts + 1] = { at, stop }
    local head = raw:sub(start + 1, texts[1][2])
    if #texts < 2 or not head:match("^%d+$") or #head > 5 then return nil end
    local number = format("%d", tonumber(head))
    local known = D.groups.former[number .. "/" .. #texts - 2] or D.groups.today[number]
    local fields = {}
    for place = 2, #texts do
        local from, to = texts[place][1], texts[place][2]
        if from < to and not is_full(found) then
            local one = known and known.fields[place - 1]
            fields[#fields + 1] = group_field(found, number, place - 1, one, from, to)
        end
    end
    local text = known and known.name or "group that is not in the dictionary"
    return field(found, group_pf(number, known), "plain", number, start, stop + 1, nil, "", #head + 1, fields, text)
end

local function groups(found, start, stop, out)
    local at = start + 2
    if at > stop then return add_rest(found, start, stop, out) end
    local count = format("%d", number_at(found.raw, start, at))
    out[#out + 1] = field(found, "tla.group.count", "plain", "count", start, at, count)
    while at < stop and not is_full(found) do
        local ends = found.raw:find("\29", at + 1, true)
        if not ends or ends > stop then break end
        local one = group(found, at, ends - 1)
        if not one then break end
        out[#out + 1] = one
        at = ends
    end
    add_rest(found, at, stop, out)
end

local function blocks(found, start, stop, out)
    local at = start
    while at < stop and not is_full(found) do
        local fields = {}
        local here, whole = prefix(found, D.signed_part, at, stop, fields)
        if not whole or here + D.signature_bytes > stop then break end
        local ends = here + D.signature_bytes
        fields[#fields + 1] = bytes_field(found, "tla.block.signature", "signature", here, ends)
        out[#out + 1] = field(found, "tla.block", "plain", "block", at, ends, nil, "", 0, fields, "signature block")
        at = ends
    end
    add_rest(found, at, stop, out)
end

local function document(found, start, stop, out)
    local magic = D.document_magic
    if stop - start < #magic or found.raw:sub(start + 1, start + #magic) ~= magic then
        return groups(found, start, stop, out)
    end
    local at, whole = prefix(found, D.document, start, stop, out)
    if whole then
        blocks(found, at, stop, out)
        at = stop
    end
    add_rest(found, at, stop, out)
end

INSIDE.GROUPS, INSIDE.DOCUMENT, INSIDE.SIGNATURE_BLOCK = groups, document, blocks
SHOWING.MOMENT = moment_text

function SHOWING.STATUS(raw, start, stop)
    local word = number_at(raw, start, stop)
    return D.statuses[word] or format("undeclared %04X", word)
end

function SHOWING.CAPABILITIES(raw, start, stop)
    local mask, names = number_at(raw, start, stop), {}
    for _, each in ipairs(D.capabilities) do
        if has_bit(mask, each.bit) then names[#names + 1] = each.name end
    end
    return #names == 0 and "-" or table.concat(names, ", ")
end

-- BER-TLV, as tla_sim.protocol.exchange.data_objects finds it ------------------------------------------------

-- The tag, the length (-1 if indefinite) and where the value starts; nil where they are not there.
local function object_header(raw, at, size)
    if at >= size then return nil end
    local first = raw:byte(at + 1)
    if first == 0x00 or first == 0xFF then return nil end
    local tag, place, count = first, at + 1, 1
    if first % 32 == 31 then
        repeat
            if place >= size then return nil end
            local byte = raw:byte(place + 1)
            tag, place, count = tag * 256 + byte, place + 1, count + 1
            if count > D.max_tag_bytes or (count == 2 and (byte == 0x80 or byte < 0x1F)) then return nil end
        until byte < 0x80
    end
    if place >= size then return nil end
    local length = raw:byte(place + 1)
    place = place + 1
    if length < 0x80 then return tag, length, place end
    if length == 0x80 then return tag, -1, place end
    local bytes_of_length = length - 0x80
    if bytes_of_length > D.max_length_bytes or place + bytes_of_length > size then return nil end
    return tag, number_at(raw, place, place + bytes_of_length), place + bytes_of_length
end

local function are_objects(raw, start, stop, depth)
    if depth == 0 then return false end
    local at = start
    while at < stop do
        local tag, length, from = object_header(raw, at, stop)
        if not tag or length < 0 or from + length > stop then return false end
        if has_bit(raw:byte(at + 1), 0x20) and not are_objects(raw, from, from + length, depth - 1) then
            return false
        end
        at = from + length
    end
    return true
end

local function readable(value)
    return #value >= 3 and not value:find("[^\32-\126]") and value or ""
end

local function objects(found, start, stop, out, names, depth)
    local raw, at = found.raw, start
    while at < stop and not is_full(found) do
        local tag, length, from = object_header(raw, at, #raw)
        if not tag then break end
        local ends = from + math.max(length, 0)
        if ends > stop then break end
        local name = format("%02X", tag)
        local text = names[tag] or D.objects.names[tag] or "data object"
        local lead = from - at
        if (has_bit(raw:byte(at + 1), 0x20) or tag == 0x4D) and from < ends and depth > 1 then
            local fields = {}
            local inner = D.objects.file_templates[tag] and D.objects.in_file or D.objects.names
            objects(found, from, ends, fields, inner, depth - 1)
            out[#out + 1] = field(found, "tla.object.template", "plain", name, at, ends, nil, "", lead, fields, text)
        else
            local value = raw:sub(from + 1, ends)
            local one = field(found, "tla.object", "bytes", name, at, ends, hex_for_label(raw, from, ends),
                readable(value), lead, nil, text)
            out[#out + 1] = one
        end
        at = ends
    end
    add_rest(found, at, stop, out)
end

-- P1 and P2, as tla_sim.protocol.exchange.parameters reads them ----------------------------------------------

local PARAMETERS = {}

local function two(found, out, first, second)
    out[#out + 1] = bytes_field(found, "tla.p1", "P1", 2, 3, first, "plain")
    out[#out + 1] = bytes_field(found, "tla.p2", "P2", 3, 4, second, "plain")
end

function PARAMETERS.plain(found, out) two(found, out) end

function PARAMETERS.select(found, out, p1, p2)
    two(found, out, D.parameters.how_selected[p1], D.parameters.wanted[floor(p2 / 4) % 4 * 4])
end

function PARAMETERS.in_file(found, out, p1, p2)
    if p1 >= 0x80 then
        return two(found, out, format("file with the short identifier %d", p1 % 32), format("from byte %d", p2))
    end
    local offset = p1 * 256 + p2
    local shown = format("from byte %d", offset)
    out[#out + 1] = field(found, "tla.p1p2", "plain", "P1-P2", 2, 4, format("%d", offset), shown)
end

function PARAMETERS.record(found, out, p1, p2)
    local file = floor(p2 / 8)
    local where = file > 0 and format("file with the short identifier %d", file) or "in the current file"
    two(found, out, format("record %d", p1), where)
end

function PARAMETERS.code(found, out, _, p2) two(found, out, "", format("code %d", p2 % 32)) end

function PARAMETERS.environment(found, out, p1, p2)
    local action = p1 % 16
    two(found, out, D.parameters.actions[action], action == 1 and D.parameters.templates[p2] or "")
end

function PARAMETERS.operation(found, out, p1, p2)
    local shown = D.parameters.operations[p1 * 256 + p2]
    out[#out + 1] = bytes_field(found, "tla.p1p2", "P1-P2", 2, 4, shown, "plain")
end

function PARAMETERS.tag(found, out)
    out[#out + 1] = bytes_field(found, "tla.p1p2", "P1-P2", 2, 4, "", "plain")
end

function PARAMETERS.channel(found, out, p1, p2)
    local action = p1 == 0 and "open" or p1 == 0x80 and "close" or ""
    local number = p2 > 0 and format("channel %d", p2) or "the next free channel"
    two(found, out, action, (p2 > 0 or p1 == 0) and number or "")
end

-- One exchange, as tla_sim.protocol.exchange.description describes it ----------------------------------------

local function card_instruction(ins)
    local known = D.card[ins]
    if not known and ins % 2 == 1 then known = D.card[ins - 1] end
    return known
end

-- Whether the bytes behind the first length byte may be a code, whatever the address.
local function may_hold_code(raw, device)
    if #raw < 6 or (device == "Log_SV" and raw:byte(1) == 0x80) then return false end
    local known = card_instruction(raw:byte(2))
    return known ~= nil and known.has_code
end

-- What a command is: all that its answer needs, and its bytes with a code blanked.
local function recognise(raw, device)
    local cla, ins = raw:byte(1, 2)
    local whole = #raw >= 4
    local own = device == "Log_SV" or (device == nil and cla == 0x80 and D.commands[ins] ~= nil)
    device = device or (own and "Log_SV") or nil
    local known = { device = device, whole = whole, ins = ins }
    if may_hold_code(raw, device) then
        local blanked = raw:sub(1, 5) .. string.rep("\255", #raw - 5)
        known.secret = blanked ~= raw
        raw = blanked
    end
    if not whole then
        known.name = "?"
    elseif own then
        known.command = cla == 0x80 and D.commands[ins] or nil
    elseif cla == 0xFE then
        known.order = D.orders[ins]
    elseif cla < 0x80 then
        known.card = card_instruction(ins)
    end
    local named = known.command or known.card
    known.name = named and named.name or known.order or hex(raw, 0, math.min(#raw, 2)):upper()
    if known.name == "" then known.name = "?" end
    known.summary = named and named.summary or known.order and D.order_summary or ""
    return known, raw
end

-- How many bytes of data a command carries, nil where its lengths do not agree.
local function data_size(raw)
    local size = #raw
    if size <= 5 then return 0 end
    local first = raw:byte(5)
    if first > 0 then
        if size == 5 + first or size == 6 + first then return first end
        return nil
    end
    if size == 7 then return 0 end
    if size < 7 then return nil end
    local count = number_at(raw, 5, 7)
    if count > 0 and (size == 7 + count or size == 9 + count) then return count end
    return nil
end

local function class_text(cla)
    if cla >= 0x80 then return "proprietary" end
    if has_bit(cla, 0x10) then return "more of this command follows" end
    if cla % 16 >= 4 then return "secure messaging" end
    if cla % 4 > 0 then return format("channel %d", cla % 4) end
    return "interindustry"
end

local function command_data(found, known, start, stop, out)
    if known.command then return record(found, known.command.request, start, stop, out) end
    if start >= stop then return end
    local raw, card = found.raw, known.card
    if card and not has_bit(raw:byte(1), 0x10) and (card.objects_in or known.ins % 2 == 1) then
        local names = card.control_reference and D.objects.in_control_reference or nil
        if names or card.get_data or are_objects(raw, start, stop, D.max_depth) then
            return objects(found, start, stop, out, names or {}, D.max_depth)
        end
    end
    out[#out + 1] = bytes_field(found, "tla.data", "data", start, stop)
end

local function command_fields(known, raw)
    local found, out = locator(raw), {}
    local size = #raw
    if not known.whole then
        add_rest(found, 0, size, out)
        return out
    end
    local cla, ins, p1, p2 = raw:byte(1, 4)
    local kind = known.command and "of Log_SV" or known.order and "for the slot itself" or class_text(cla)
    local is_known = known.command or known.order or known.card
    out[1] = bytes_field(found, "tla.cla", "CLA", 0, 1, kind, "plain")
    out[2] = bytes_field(found, "tla.ins", "INS", 1, 2, is_known and known.name or "", "plain")
    PARAMETERS[known.card and known.card.parameters or "plain"](found, out, p1, p2)
    if known.card and known.card.has_code and size > 5 then
        out[#out + 1] = field(found, "tla.lc", "plain", "Lc", 4, 5, format("%d", number_at(raw, 4, 5)))
        out[#out + 1] = field(found, "tla.code", "plain", "code", 5, size, nil, "••••")
        return out
    end
    local count = data_size(raw)
    if not count then
        add_rest(found, 4, size, out)
        return out
    end
    local start = 4
    if count > 0 then
        start = raw:byte(5) > 0 and 5 or 7
        out[#out + 1] = field(found, "tla.lc", "plain", "Lc", 4, start, format("%d", number_at(raw, 4, start)))
    end
    local stop = start + count
    command_data(found, known, start, stop, out)
    if stop < size then
        local expected = number_at(raw, stop, size)
        local most = size - stop == 1 and 256 or 65536
        local shown = expected > 0 and "" or format("as many as there are, at most %d", most)
        out[#out + 1] = field(found, "tla.le", "plain", "Le", stop, size, format("%d", expected), shown)
    end
    return out
end

local function word_text(word)
    local first, count = floor(word / 256), word % 256
    if count == 0 then count = 256 end
    if first == 0x61 then return format("%d bytes wait for GET RESPONSE", count) end
    if first == 0x6C then return format("Wrong Le: %d bytes are there", count) end
    return D.words[word] or format("undeclared %04X", word)
end

local function answer_data(found, known, stop, word, out)
    if word == 0x9000 and known.command then return record(found, known.command.answer, 0, stop, out) end
    if word == 0x9000 and known.order then return record(found, D.slot_state, 0, stop, out) end
    if stop == 0 then return end
    if word == 0x9000 and known.card and known.card.objects_out
        and are_objects(found.raw, 0, stop, D.max_depth) then
        return objects(found, 0, stop, out, D.objects.names, D.max_depth)
    end
    out[#out + 1] = bytes_field(found, "tla.data", "data", 0, stop)
end

local is_cut = false -- whether the capture holds only the beginning of the packet at hand

local function answer_fields(known, raw)
    local found, out = locator(raw), {}
    if #raw < 2 or is_cut then
        add_rest(found, 0, #raw, out)
        return out, nil
    end
    local stop = #raw - 2
    local word = number_at(raw, stop, #raw)
    answer_data(found, known, stop, word, out)
    out[#out + 1] = field(found, "tla.sw", "plain", "SW", stop, #raw, format("%04X", word), word_text(word))
    return out, word
end

-- The first few fields in one line -----------------------------------------------------------------------

local NOT_BRIEF = { CLA = true, INS = true, Lc = true, Le = true, SW = true, ["?"] = true }

local function shorten(text, most)
    if #text <= most then return text end
    local cut = text:sub(1, most)
    while #cut > 0 and not is_utf8(cut) do cut = cut:sub(1, -2) end
    return cut .. "…"
end

local function brief(fields)
    local parts = {}
    for _, each in ipairs(fields) do
        local name, value, shown = each.name, each.value, each.shown
        local told = nil
        if name == "P1" or name == "P2" or name == "P1-P2" then
            told = shown ~= "" and shown or nil
        elseif not NOT_BRIEF[name] and not each.inside and value and value ~= ""
            and (#value <= LONG or name == "data") then
            told = name .. " " .. shorten(shown ~= "" and shown or value, BRIEF_CHARACTERS)
        end
        parts[#parts + 1] = told
        if #parts == BRIEF_PARTS then break end
    end
    return table.concat(parts, " · ")
end

-- Showing fields ------------------------------------------------------------------------------------------

local function label(each)
    local text = each.name
    if each.text then text = text .. " " .. each.text end
    if each.value then
        local is_text = each.how == "text" and each.shown ~= "not UTF-8"
        text = text .. ": " .. shorten(each.value, is_text and TEXT_IN_LABEL or HEX_IN_LABEL)
    end
    if each.shown ~= "" then
        text = each.value and text .. " (" .. each.shown .. ")" or text .. ": " .. each.shown
    end
    return text
end

local function add_one(tree, range, each, secret)
    local start, size = each.start, each.stop - each.start
    local how, pf = each.how, by_name[each.pf]
    if secret and start + size > 5 then
        return tree:add(by_name["tla.blanked"], range(start, size))
    elseif how == "text" then
        return tree:add(pf, range(start, size), each.value)
    elseif how == "little" then
        return tree:add_le(pf, range(start, size))
    elseif how == "counted" then
        return tree:add(pf, range(start, each.lead))
    end
    return tree:add(pf, range(start, size))
end

local function show(tree, range, fields, secret)
    local visible = tree.visible
    for _, each in ipairs(fields) do
        local item = add_one(tree, range, each, secret)
        if visible then item:set_text(label(each)) end
        if each.inside then show(item, range, each.inside, secret) end
    end
end

-- Interfaces, commands and their answers --------------------------------------------------------------------

local waiting = {}   -- by stream: the command that waits for its answer, and its frame
local device_by_atr = {}
local memory = {}    -- by frame and place in it: what was found when the frame came first
local answered = {}  -- by frame and place of a command: the frame of its answer
local chains = {}    -- by stream and direction: the blocks of a T=1 message so far
local blocks_of = {} -- by frame: what became of its T=1 block

local function first_of(extractor)
    local found = extractor()
    return found and found.value
end

local function device_named(name)
    if name then
        for _, device in ipairs(D.devices) do
            if name == device or name:sub(-#device - 1) == " " .. device then return device end
        end
    end
    return nil
end

local function stream_of()
    local interface = tostring(first_of(the_interface) or "-")
    local slot = first_of(the_ccid_slot)
    if slot then interface = interface .. "/" .. tostring(slot) end
    return interface
end

-- The device of a stream: by the interface's name, else by its answer to reset.
local function device_of(stream)
    return device_named(first_of(the_interface_name)) or device_by_atr[stream]
end

local function name_column(pinfo, device)
    pinfo.cols.protocol = device and device ~= "card" and device or "TLA"
end

local function show_atr(stream, pinfo, tree, range)
    waiting[stream] = nil
    local raw = range:raw()
    local own = raw == D.log_sv_atr
    device_by_atr[stream] = own and "Log_SV" or "card"
    local item = tree:add(tla, range)
    item:append_text(own and ", answer to reset of Log_SV" or ", answer to reset of a card")
    item:add(by_name["tla.atr"], range)
    name_column(pinfo, device_named(first_of(the_interface_name)) or device_by_atr[stream])
    pinfo.cols.info = "ATR " .. hex(raw, 0, math.min(#raw, 33))
end

local function show_command(stream, key, device, pinfo, tree, range)
    local told = memory[key]
    local raw = range:raw()
    local known, blanked = recognise(raw, told and told.device or device)
    if not told then
        memory[key] = { device = known.device }
        local slim = {
            device = known.device, command = known.command, order = known.order, card = known.card, name = known.name,
        }
        waiting[stream] = { frame = pinfo.number, key = key, known = slim }
    end
    local item = tree:add(tla, range)
    item:append_text(", " .. known.name)
    item:add(by_name["tla.command"], range(0, 0), known.name):set_generated()
    if known.summary ~= "" then item:add(by_name["tla.summary"], range(0, 0), known.summary):set_generated() end
    if answered[key] then item:add(by_name["tla.response_in"], answered[key]):set_generated() end
    local fields = command_fields(known, blanked)
    show(item, range, fields, known.secret)
    local told_briefly = brief(fields)
    name_column(pinfo, known.device)
    pinfo.cols.info = told_briefly == "" and known.name or known.name .. "  " .. told_briefly
end

local function show_answer(stream, key, device, pinfo, tree, range)
    if not memory[key] then
        local before = waiting[stream]
        waiting[stream] = nil
        memory[key] = { known = before and before.known or { device = device }, to = before and before.frame }
        if before then answered[before.key] = pinfo.number end
    end
    local told = memory[key]
    local item = tree:add(tla, range)
    local fields, word = answer_fields(told.known, range:raw())
    local meaning = word and format("%04X %s", word, word_text(word)) or is_cut and "cut off by the capture" or "no status word"
    item:append_text(", " .. (told.known.name and "answer of " .. told.known.name .. ", " or "") .. meaning)
    if told.known.name then
        item:add(by_name["tla.command"], range(0, 0), told.known.name):set_generated()
    end
    if told.to then item:add(by_name["tla.response_to"], told.to):set_generated() end
    show(item, range, fields)
    local told_briefly = brief(fields)
    name_column(pinfo, told.known.device)
    pinfo.cols.info = told_briefly == "" and meaning or meaning .. "  " .. told_briefly
end

local function show_apdu(stream, key, device, pinfo, tree, range, may_be_atr)
    if pinfo.p2p_dir == 0 then return show_command(stream, key, device, pinfo, tree, range) end
    if pinfo.p2p_dir ~= 1 then return end
    local first = range:len() > 0 and range(0, 1):uint() or 0
    if may_be_atr and (first == 0x3B or first == 0x3F) then return show_atr(stream, pinfo, tree, range) end
    show_answer(stream, key, device, pinfo, tree, range)
end

-- Remember what was found when a frame came first, and say whether it is this time.
local function learn(key, told)
    if memory[key] then return false end
    memory[key] = told
    return true
end

-- No bytes may stop Wireshark: whatever goes wrong here is said in the tree. The first of two passes may have
-- no tree; then nothing is known of the interface, and nothing is learnt.
local function guard(buffer, tree, work)
    if not the_number() then return end
    is_cut = buffer:reported_len() > buffer:len()
    local ok, problem = pcall(work)
    if not ok then
        local item = tree:add(by_name["tla.failure"], tostring(problem))
        item:add_proto_expert_info(failed)
    end
end

function tla_apdu.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        local stream = stream_of()
        local key = pinfo.number .. "/1"
        local is_new = learn("a" .. key, { asked = waiting[stream] ~= nil })
        if buffer:len() == 0 then
            if is_new then waiting[stream] = nil end
            name_column(pinfo, device_of(stream))
            pinfo.cols.info = "no answer"
            return
        end
        -- An answer to reset that Wireshark's own dissector would misread comes here, too.
        local may_be_atr = not memory["a" .. key].asked
        show_apdu(stream, key, device_of(stream), pinfo, tree, buffer(), may_be_atr)
    end)
    return buffer:len()
end

-- vpcd ------------------------------------------------------------------------------------------------------

function tla_vpcd.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        local stream = "vpcd " .. stream_of()
        local size = buffer:len()
        local key = pinfo.number .. "/1"
        local asked = waiting[stream]
        local is_new = learn("v" .. key, { atr = asked and asked.wants_atr })
        local told = memory["v" .. key]
        pinfo.cols.protocol = "vpcd"
        if size == 0 then
            tree:add(tla, buffer()):append_text(", empty vpcd message")
            pinfo.cols.info = "empty message"
            if is_new then waiting[stream] = nil end
        elseif pinfo.p2p_dir == 0 and size == 1 and D.vpcd_orders[buffer(0, 1):uint()] then
            local order = buffer(0, 1):uint()
            local item = tree:add(tla, buffer())
            item:append_text(", " .. D.vpcd_orders[order])
            item:add(by_name["tla.vpcd.order"], buffer(0, 1))
            pinfo.cols.info = D.vpcd_orders[order]
            if is_new then waiting[stream] = order == 4 and { wants_atr = true } or nil end
        elseif pinfo.p2p_dir == 1 and told.atr then
            show_atr(stream, pinfo, tree, buffer())
        else
            show_apdu(stream, key, device_of(stream), pinfo, tree, buffer(), false)
        end
    end)
    return buffer:len()
end

-- T=1 -------------------------------------------------------------------------------------------------------

local FAULTS = { [0] = "", [1] = ", EDC error", [2] = ", other error" }
local ABOUT = { [0] = "RESYNCH", [1] = "IFS", [2] = "ABORT", [3] = "WTX" }

-- What a PCB says: its letter, its number, whether more follows, and in words. Nil for none of the standard's.
local function control(pcb)
    if pcb < 0x80 then
        if pcb % 32 ~= 0 then return nil end
        local number, more = floor(pcb / 64), has_bit(pcb, 0x20)
        return { letter = "I", number = number, more = more, text = format("I(%d%s)", number, more and ", more" or "") }
    elseif pcb < 0xC0 then
        local fault = FAULTS[pcb % 16]
        if has_bit(pcb, 0x20) or not fault then return nil end
        local number = floor(pcb / 16) % 2
        return { letter = "R", number = number, text = format("R(%d%s)", number, fault) }
    end
    local about = ABOUT[pcb % 32]
    if not about then return nil end
    local side = has_bit(pcb, 0x20) and "response" or "request"
    return { letter = "S", about = about, text = format("S(%s %s)", about, side) }
end

local function fits(known, length)
    if known.letter == "I" then return length < 255 end
    if known.about == "IFS" or known.about == "WTX" then return length == 1 end
    return length == 0
end

local NODES = { [1] = "workstation", [2] = "Log_SV", [3] = "PS", [4] = "Vitale" }

local function node_name(node) return NODES[node] or format("node %d", node) end

-- Put a good block into its chain, and remember by its frame what became of it.
local function chain_block(stream, pinfo, known, inf)
    local key = stream .. "/" .. pinfo.p2p_dir
    local chain = chains[key] or { parts = {}, frames = {}, size = 0 }
    chains[key] = chain
    if known.letter == "S" then
        if known.about == "RESYNCH" or known.about == "ABORT" then
            for _, side in ipairs({ 0, 1 }) do chains[stream .. "/" .. side] = nil end
        end
        return {}
    elseif known.letter == "R" then
        return {}
    end
    if chain.number == known.number and chain.inf == inf then return { repeated = true } end
    chain.number, chain.inf = known.number, inf
    chain.size = chain.size + #inf
    if chain.size > MAX_MESSAGE then
        chain.parts, chain.frames, chain.size = {}, {}, 0
        return {}
    end
    chain.parts[#chain.parts + 1] = inf
    chain.frames[#chain.frames + 1] = pinfo.number
    if known.more then return {} end
    local fate = { whole = true }
    if #chain.parts > 1 then fate.message = table.concat(chain.parts) end
    for _, frame in ipairs(chain.frames) do
        if frame ~= pinfo.number then blocks_of[frame].whole_in = pinfo.number end
    end
    chain.parts, chain.frames, chain.size = {}, {}, 0
    return fate
end

-- What a T=1 block says, nil for bytes that are not one; whether its error detection code is right is in it.
local function read_block(raw)
    local size = #raw
    if size < 4 or raw:byte(1) == 0xFF then return nil end
    local known, length = control(raw:byte(2)), raw:byte(3)
    local edc_size = size - 3 - length
    if not known or not fits(known, length) or edc_size < 1 or edc_size > 2 then return nil end
    known.length, known.edc_size = length, edc_size
    known.edc = (edc_size == 2 and crc or lrc)(raw, 3 + length)
    known.good = raw:sub(4 + length) == known.edc
    return known
end

local function show_block(buffer, pinfo, tree, raw)
    local known = read_block(raw)
    local item = tree:add(tla, buffer())
    pinfo.cols.protocol = "T=1"
    if not known then
        item:append_text(", not a T=1 block")
        item:add(by_name["tla.t1.noise"], buffer()):add_proto_expert_info(no_block)
        pinfo.cols.info = format("%d bytes that are not a block", #raw)
        return
    end
    local length, edc_size, good = known.length, known.edc_size, known.good
    local nad = raw:byte(1)
    local way = nad == 0 and "" or ", " .. node_name(nad % 16) .. " → " .. node_name(floor(nad / 16))
    local told = known.text
    if known.about == "IFS" or known.about == "WTX" then told = told .. " " .. raw:byte(4) end
    item:append_text(", " .. told)
    item:add(by_name["tla.t1.nad"], buffer(0, 1)):append_text(way)
    item:add(by_name["tla.t1.pcb"], buffer(1, 1)):append_text(", " .. known.text)
    item:add(by_name["tla.t1.kind"], buffer(1, 1), known.text):set_generated()
    item:add(by_name["tla.t1.len"], buffer(2, 1))
    if length > 0 then
        local name = known.about == "IFS" and "tla.t1.ifs" or known.about == "WTX" and "tla.t1.wtx" or "tla.t1.inf"
        item:add(by_name[name], buffer(3, length))
    end
    local edc = item:add(by_name["tla.t1.edc"], buffer(3 + length, edc_size))
    edc:append_text((edc_size == 2 and ", CRC, " or ", LRC, ") .. (good and "right" or "wrong, right is " ..
        hex(known.edc, 0, edc_size)))
    edc:add(by_name["tla.t1.edc.good"], buffer(3 + length, edc_size), good):set_generated()
    pinfo.cols.info = good and told or told .. ", wrong EDC"
    if not good then
        edc:add_proto_expert_info(bad_edc)
        return
    end
    local stream = "t1 " .. stream_of()
    if not blocks_of[pinfo.number] then
        blocks_of[pinfo.number] = chain_block(stream, pinfo, known, raw:sub(4, 3 + length))
    end
    local fate = blocks_of[pinfo.number]
    if fate.repeated then
        item:add(by_name["tla.t1.repeated"], buffer(), true):set_generated()
        pinfo.cols.info = told .. ", again"
    elseif fate.whole_in then
        item:add(by_name["tla.t1.reassembled_in"], fate.whole_in):set_generated()
    elseif fate.whole then
        local range = fate.message and ByteArray.new(fate.message, true):tvb("T=1 message")()
            or length > 0 and buffer(3, length)
        if not range then return end
        local node = pinfo.p2p_dir == 0 and floor(nad / 16) or nad % 16
        local device = node > 1 and NODES[node] or device_of(stream_of())
        local own_stream = stream .. "/" .. tostring(node)
        show_apdu(own_stream, pinfo.number .. "/1", device, pinfo, tree, range, false)
        pinfo.cols.protocol = "T=1"
        pinfo.cols.info:prepend(told .. "  ")
    end
end

function tla_t1.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        if buffer:len() > 0 then show_block(buffer, pinfo, tree, buffer():raw()) end
    end)
    return buffer:len()
end

-- CCID, whose messages carry T=1 blocks, or APDUs as T=0 has them -------------------------------------------

local POWER_ON, TRANSFER, DATA_BLOCK, CCID_HEADER = 0x62, 0x6F, 0x80, 10

local powered = {} -- by stream: whether the next answer is an answer to reset

function tla.init()
    waiting, device_by_atr, memory, answered, chains, blocks_of, powered = {}, {}, {}, {}, {}, {}, {}
end

local function show_ccid(message, pinfo, tree)
    local size = message:len()
    if size < CCID_HEADER then return end
    local kind, length = message(0, 1):uint(), message(1, 4):le_uint()
    local stream, key = stream_of(), pinfo.number .. "/1"
    if learn("c" .. key, { powered = powered[stream] }) and kind < DATA_BLOCK then
        powered[stream] = kind == POWER_ON
    end
    if (kind ~= TRANSFER and kind ~= DATA_BLOCK) or length == 0 or CCID_HEADER + length > size then return end
    local payload = message(CCID_HEADER, length)
    if kind == DATA_BLOCK and memory["c" .. key].powered then return show_atr(stream, pinfo, tree, payload) end
    local raw = payload:raw()
    local block = read_block(raw)
    if block and block.good then
        show_block(payload, pinfo, tree, raw)
    elseif raw:byte(1) ~= 0xFF then
        show_apdu(stream, key, device_of(stream), pinfo, tree, payload, false)
    end
end

function tla.dissector(buffer, pinfo, tree)
    local message, found = the_ccid(), { the_apdu() }
    if not message and #found == 0 then return end
    guard(buffer, tree, function()
        -- The range of `usbccid` is its header alone.
        if message then return show_ccid(buffer(message.offset), pinfo, tree) end
        local stream = stream_of()
        for place, each in ipairs(found) do
            local key = pinfo.number .. "/" .. place
            if each.len > 0 then
                show_apdu(stream, key, device_of(stream), pinfo, tree, each.range, true)
            end
        end
    end)
end

-- Memory zones ----------------------------------------------------------------------------------------------

-- Where the value behind a length starts and stops, nil where it is not all there.
local function zone_value(raw, at, stop)
    if at >= stop then return nil end
    local size, start = raw:byte(at + 1), at + 1
    if size > 0x82 or size == 0x80 then return nil end
    if size > 0x80 then
        local more = size - 0x80
        if start + more > stop then return nil end
        size, start = number_at(raw, start, start + more), start + more
    end
    if start + size > stop then return nil end
    return start, start + size
end

local function zone_text(found, known, start, stop)
    local raw = found.raw
    if known and known.zone == "byte" and stop - start == 1 then return format("%d", raw:byte(start + 1)), "" end
    local text = raw:sub(start + 1, stop)
    if known and known.zone == "binary" or not is_utf8(text) then return hex(raw, start, stop), "" end
    if known and (known.kind == "date" or known.kind == "moment") and #text == 12 and text:match("^%d+$") then
        return text, text:sub(1, 4) .. "-" .. text:sub(5, 6) .. "-" .. text:sub(7, 8) .. " " .. text:sub(9, 10) .. ":" ..
            text:sub(11)
    end
    return text, known and shown_value(known.kind, text) or ""
end

local function zone_fields(found, number, known, start, stop)
    local fields, at, place = {}, start, 0
    while at < stop and not is_full(found) do
        local from, to = zone_value(found.raw, at, stop)
        if not from then break end
        place = place + 1
        local one = known and known.fields[place]
        local text, shown = zone_text(found, one, from, to)
        local pf = one and "tla.group." .. number .. "." .. one.name or "tla.group.undeclared.field"
        local name = one and one.name or format("%d", place)
        fields[place] = field(found, pf, "text", name, at, to, text, shown, from - at)
        at = to
    end
    add_rest(found, at, stop, fields)
    return fields
end

local function zone(raw)
    local found, out, at, size = locator(raw), {}, 0, #raw
    while at < size and not is_full(found) do
        local from, to = nil, nil
        if at + 2 <= size then from, to = zone_value(raw, at + 2, size) end
        if not from then break end
        local number = format("%d", number_at(raw, at, at + 2))
        local known = D.groups.today[number]
        local fields = zone_fields(found, number, known, from, to)
        local text = known and known.name or "group that is not in the dictionary"
        out[#out + 1] = field(found, group_pf(number, known), "plain", number, at, to, nil, "", from - at, fields, text)
        at = to
    end
    add_rest(found, at, size, out)
    return out
end

function tla_zone.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        pinfo.cols.protocol = "SSV zone"
        if buffer:len() == 0 then return end
        local fields = zone(buffer():raw())
        local item = tree:add(tla, buffer())
        item:append_text(format(", memory zone of %d groups", #fields))
        show(item, buffer(), fields)
        local numbers = {}
        for place = 1, math.min(#fields, 12) do numbers[place] = fields[place].name end
        pinfo.cols.info = "memory zone: groups " .. table.concat(numbers, ", ") .. (#fields > 12 and "…" or "")
    end)
    return buffer:len()
end

-- Wireshark makes no tree when it first reads a file, unless somebody listens with a filter; without a tree it
-- finds no fields, and the answers would not find their commands.
Listener.new(nil, "iso7816 || usbccid")

register_postdissector(tla)
