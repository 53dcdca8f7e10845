/* A Modbus server on libmodbus, for tests: register n holds n, coils are off.
 * Arguments: "tcp", which prints its port; or "rtu" and the path of a serial port. Ends with its
 * input. The register at 60 is not there: reads over it are exception 2, as libmodbus says it. */

#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REGISTERS = 60, BITS = 40 };

static void serve(modbus_t *line, modbus_mapping_t *cells)
{
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    for (;;) {
        int size = modbus_receive(line, query);
        if (size == -1)
            return;
        if (size > 0)
            modbus_reply(line, query, size, cells);
    }
}

static int listening(modbus_t *line)
{
    struct sockaddr_in at;
    socklen_t size = sizeof at;
    int lines = modbus_tcp_listen(line, 4);
    getsockname(lines, (struct sockaddr *)&at, &size);
    printf("%d\n", ntohs(at.sin_port));
    fflush(stdout);
    return lines;
}

int main(int count, char **words)
{
    modbus_mapping_t *cells = modbus_mapping_new(BITS, BITS, REGISTERS, REGISTERS);
    modbus_t *line;
    int n;

    for (n = 0; n < REGISTERS; n++)
        cells->tab_registers[n] = cells->tab_input_registers[n] = n;
    for (n = 0; n < BITS; n++)
        cells->tab_input_bits[n] = n % 2;
    if (count == 2 && strcmp(words[1], "tcp") == 0) {
        line = modbus_new_tcp("127.0.0.1", 0);
        int lines = listening(line);
        for (;;) {
            if (modbus_tcp_accept(line, &lines) == -1)
                return 1;
            serve(line, cells);
            modbus_close(line);
        }
    }
    if (count == 3 && strcmp(words[1], "rtu") == 0) {
        line = modbus_new_rtu(words[2], 115200, 'N', 8, 1);
        modbus_set_slave(line, 7);
        if (modbus_connect(line) == -1)
            return 1;
        puts("ready");
        fflush(stdout);
        for (;;)
            serve(line, cells);
    }
    fprintf(stderr, "tcp, or rtu PORT\n");
    return 2;
}
