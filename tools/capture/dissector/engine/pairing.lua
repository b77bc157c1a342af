-- Interfaces, commands and their answers.

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

-- Say who speaks to whom; Wireshark's own dissector of ISO 7816 calls them so, too.
local function name_ends(pinfo, asking, answering)
    if pinfo.p2p_dir == 0 then
        pinfo.cols.src, pinfo.cols.dst = asking or "Interface", answering or "Card"
    elseif pinfo.p2p_dir == 1 then
        pinfo.cols.src, pinfo.cols.dst = answering or "Card", asking or "Interface"
    end
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
    local named = told.known.name and told.known.name ~= "?" and meaning .. " · " .. told.known.name or meaning
    pinfo.cols.info = told_briefly == "" and named or named .. "  " .. told_briefly
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
        name_ends(pinfo)
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
