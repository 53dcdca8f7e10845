"""The sorter's PLC: registers, the Modbus TCP wire that reaches them, and the logic behind."""
