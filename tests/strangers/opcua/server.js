// A plant's OPC UA server on node-opcua, which shares no code with ours. Started with one JSON
// argument; says {"port"} when it listens; obeys lines of JSON on its standard input.
"use strict";
const path = require("path");
const readline = require("readline");
const { OPCUAServer } = require("node-opcua-server");
const { OPCUACertificateManager } = require("node-opcua-certificate-manager");
const { SecurityPolicy, MessageSecurityMode } = require("node-opcua-secure-channel");
const { Variant, DataType } = require("node-opcua-variant");
const { StatusCodes } = require("node-opcua-status-code");
const { nodesets } = require("node-opcua-nodesets");

const given = JSON.parse(process.argv[2]);
const URI = "urn:test:plant";
const state = { Count: 0, Speed: 1.5, Jam: false, Name: "line 1", Seq: 0 };
const types = {
    Count: DataType.UInt32, Speed: DataType.Double, Jam: DataType.Boolean,
    Name: DataType.String, Seq: DataType.UInt16,
};

async function main() {
    const certificates = new OPCUACertificateManager({
        rootFolder: path.join(given.folder, "pki"),
        automaticallyAcceptUnknownCertificate: given.accepts !== false,
    });
    const server = new OPCUAServer({
        port: given.port || 0,
        hostname: "127.0.0.1",
        resourcePath: "/plant",
        nodeset_filename: [nodesets.standard],
        serverCertificateManager: certificates,
        userCertificateManager: certificates,
        securityPolicies: given.open
            ? [SecurityPolicy.None]
            : [SecurityPolicy.None, SecurityPolicy.Basic256Sha256,
               SecurityPolicy.Aes128_Sha256_RsaOaep, SecurityPolicy.Aes256_Sha256_RsaPss],
        securityModes: given.open
            ? [MessageSecurityMode.None]
            : [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
        userManager: { isValidUser: (name, password) => name === "line1" && password === "secret" },
        allowAnonymous: true,
        serverCapabilities: { maxSessions: given.sessions || 20 },
        serverInfo: { applicationUri: "urn:stranger:plant" },
        isAuditing: false,
    });
    await server.initialize();
    const space = server.engine.addressSpace;
    for (let n = 0; n < (given.others || 0); n++) space.registerNamespace(`urn:other:${n}`);
    const plant = space.registerNamespace(URI);
    const line = plant.addObject({
        nodeId: "s=Line", browseName: "Line", organizedBy: space.rootFolder.objects,
        eventSourceOf: space.rootFolder.objects.server, eventNotifier: 1,
    });
    const nodes = {};
    for (const name of Object.keys(state)) {
        nodes[name] = plant.addVariable({
            nodeId: `s=${name}`, browseName: name, componentOf: line, dataType: types[name],
            minimumSamplingInterval: 10, accessLevel: name === "Count" ? "CurrentRead" : "CurrentRead | CurrentWrite",
        });
        nodes[name].setValueFromSource({ dataType: types[name], value: state[name] });
    }
    const method = plant.addMethod(line, {
        nodeId: "s=Release", browseName: "Release",
        inputArguments: [{ name: "lane", dataType: DataType.UInt16 }],
        outputArguments: [{ name: "ticket", dataType: DataType.UInt32 }],
    });
    method.bindMethod((inputs, context, done) => done(null, inputs[0].value > 3
        ? { statusCode: StatusCodes.BadInvalidState }
        : { statusCode: StatusCodes.Good,
            outputArguments: [new Variant({ dataType: DataType.UInt32, value: 100 + inputs[0].value })] }));
    if (given.alarms) {
        space.installAlarmsAndConditionsService();
        const normal = plant.addVariable({
            nodeId: "s=Normal", browseName: "Normal", componentOf: line, dataType: "Boolean",
        });
        normal.setValueFromSource({ dataType: "Boolean", value: false });
        const alarm = plant.instantiateOffNormalAlarm({
            nodeId: "s=JamAlarm", browseName: "JamAlarm", componentOf: line, conditionSource: line,
            inputNode: nodes.Jam, normalState: normal,
        });
        alarm.setEnabledState(true);
    }
    await server.start();
    const { port } = new URL(server.getEndpointUrl());
    let count = 0;
    setInterval(() => nodes.Count.setValueFromSource({ dataType: DataType.UInt32, value: ++count }), 50);
    readline.createInterface({ input: process.stdin }).on("line", (text) => {
        const asked = JSON.parse(text);
        if (asked.set) nodes[asked.set[0]].setValueFromSource({ dataType: types[asked.set[0]], value: asked.set[1] });
        if (asked.get) say({ value: nodes[asked.get].readValue().value.value });
        if (asked.drop) for (const session of Object.values(server.engine._sessions)) server.engine.closeSession(session.authenticationToken, true, "Terminated");
        if (asked.sessions) say({ sessions: server.engine.currentSessionCount });
    }).on("close", () => process.exit(0));
    say({ port: Number(port) });
}

function say(what) {
    process.stdout.write(JSON.stringify(what) + "\n");
}

main().catch((err) => { console.error(err); process.exit(1); });
