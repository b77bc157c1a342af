-- BER-TLV, as tla_sim.protocol.exchange.data_objects finds it.

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
