-- Fields of Wireshark.

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
