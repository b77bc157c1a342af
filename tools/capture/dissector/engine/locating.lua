-- Finding fields, as tla_sim.protocol.wire.located does.

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
    local made = field(found, spec.pf, "plain", spec.name, at, here, value, "", spec.lead, items)
    -- A text of one word says what is counted, such as the invoices that are the contents of a batch.
    made.counted = format("%s %d", spec.text:match("^%a+$") or spec.name, #items)
    return made, here, whole
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
