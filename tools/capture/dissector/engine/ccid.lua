-- CCID, whose messages carry T=1 blocks, or APDUs as T=0 has them.

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
