/*
 * A SCIM service for tests: SCIMMY speaks the protocol, a Map keeps the resources.
 *
 * What is decided here is what SCIMMY leaves to every service: ids, dates, which user names are
 * taken, and that whoever is deleted is in no group any more. Nothing is done for one client.
 *
 * Start it in express4/ or express5/, where its packages are:
 *   SCIMMY_TOKEN=… node ../server.js PORT
 * It listens on loopback, below /v2, until it is ended.
 */
"use strict";

const {randomUUID} = require("node:crypto");
const {createRequire} = require("node:module");

const load = createRequire(`${process.cwd()}/package.json`);
const express = load("express");
const {default: SCIMMYRouters, SCIMMY} = load("scimmy-routers");

const users = new Map();
const groups = new Map();

const gone = (id) => new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
const plain = (value) => JSON.parse(JSON.stringify(value));

/** Refuse the name of another user; RFC 7643 compares user names without case. */
function refuseTaken(userName, own) {
    const taken = [...users.values()].some(
        (user) => user.id !== own && user.userName.toLowerCase() === userName.toLowerCase());
    if (taken) throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
}

/** Keep what was written under its id, a new one for what is new, and return it. */
function keep(store, id, data) {
    if (id && !store.has(id)) throw gone(id);
    const now = new Date().toISOString();
    const known = store.get(id);
    const kept = {
        ...plain(data),
        id: id ?? randomUUID(),
        meta: {created: known?.meta.created ?? now, lastModified: now},
    };
    store.set(kept.id, kept);
    return plain(kept);
}

/** Return one resource, or those that the request's filter finds. */
function find(store, {id, filter}) {
    if (id) {
        if (!store.has(id)) throw gone(id);
        return plain(store.get(id));
    }
    const all = [...store.values()].map(plain);
    return filter ? filter.match(all) : all;
}

function remove(store, id) {
    if (!store.delete(id)) throw gone(id);
    for (const group of groups.values())
        group.members = group.members?.filter((member) => member.value !== id);
}

SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false), {
    ingress: ({id}, data) => {
        refuseTaken(data.userName, id);
        return keep(users, id, data);
    },
    egress: (request) => find(users, request),
    degress: ({id}) => remove(users, id),
});
SCIMMY.Resources.declare(SCIMMY.Resources.Group, {
    ingress: ({id}, data) => keep(groups, id, data),
    egress: (request) => find(groups, request),
    degress: ({id}) => remove(groups, id),
});

const routers = new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${process.env.SCIMMY_TOKEN}`)
            throw new Error("who are you?");
        return "";
    },
});

express().use("/v2", routers).listen(Number(process.argv[2]), "127.0.0.1");
