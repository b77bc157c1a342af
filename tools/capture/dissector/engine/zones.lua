-- Memory zones.

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
        name_ends(pinfo, "program", "library")
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
