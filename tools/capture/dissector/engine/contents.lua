-- What is inside a field, as tla_sim.protocol.exchange.contents finds it.

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
