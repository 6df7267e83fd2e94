package org.springframework.security.web;

public interface DefaultSecurityFilterChain extends SecurityFilterChain {}
