-- One exchange, as tla_sim.protocol.exchange.description describes it.

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
