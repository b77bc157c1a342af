-- vpcd messages.

function tla_vpcd.dissector(buffer, pinfo, tree)
    guard(buffer, tree, function()
        local stream = "vpcd " .. stream_of()
        local size = buffer:len()
        local key = pinfo.number .. "/1"
        local asked = waiting[stream]
        local is_new = learn("v" .. key, { atr = asked and asked.wants_atr })
        local told = memory["v" .. key]
        pinfo.cols.protocol = "vpcd"
        name_ends(pinfo)
        if size == 0 then
            tree:add(tla, buffer()):append_text(", empty vpcd message")
            pinfo.cols.info = "empty message"
            if is_new then waiting[stream] = nil end
        elseif pinfo.p2p_dir == 0 and size == 1 and D.vpcd_orders[buffer(0, 1):uint()] then
            local order = buffer(0, 1):uint()
            local item = tree:add(tla, buffer())
            item:append_text(", " .. D.vpcd_orders[order])
            item:add(by_name["tla.vpcd.order"], buffer(0, 1))
            pinfo.cols.info = D.vpcd_orders[order]
            if is_new then waiting[stream] = order == 4 and { wants_atr = true } or nil end
        elseif pinfo.p2p_dir == 1 and told.atr then
            show_atr(stream, pinfo, tree, buffer())
        else
            show_apdu(stream, key, device_of(stream), pinfo, tree, buffer(), false)
        end
    end)
    return buffer:len()
end
