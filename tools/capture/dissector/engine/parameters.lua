-- P1 and P2, as tla_sim.protocol.exchange.parameters reads them.

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
