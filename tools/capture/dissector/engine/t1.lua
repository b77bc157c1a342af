-- T=1.

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

-- The nodes of the block if it names them, otherwise the two ends of the line.
local function name_nodes(pinfo, raw)
    local nad = raw:byte(1)
    if nad == 0 or not read_block(raw) then return name_ends(pinfo) end
    pinfo.cols.src, pinfo.cols.dst = node_name(nad % 16), node_name(floor(nad / 16))
end

function tla_t1.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        if buffer:len() == 0 then return end
        local raw = buffer():raw()
        name_nodes(pinfo, raw)
        show_block(buffer, pinfo, tree, raw)
    end)
    return buffer:len()
end
